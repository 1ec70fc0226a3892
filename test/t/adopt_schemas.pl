# adopt_schemas: eight schemas of well-known kinds are adopted by relmeta.adoptable as the guide says, work as before and as
# declared, are dumped and restored, and are after DROP EXTENSION what they were.
#
# test/t/schemas/NAME.sql is a schema with rows (small, written after the one it is named for), NAME.act.sql what is done
# with it when all that is adoptable was adopted; below each statement "-- => " says what it prints.
# chinook is not here: RELMETA_CHINOOK names its file, else the one beside the checkout is taken.
use strict;
use warnings;

BEGIN
{
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use File::Basename qw(dirname);
use Test::More;

my $here = dirname(__FILE__) . '/schemas';
my $chinook = $ENV{RELMETA_CHINOOK} // "$here/../../../../shared/data/chinook/chinook.sql";
my %file = map { ($_ => "$here/$_.sql") } qw(northwind pagila django rails mediawiki odoo udd);
$file{chinook} = $chinook if -r $chinook;

my $node = PostgreSQL::Test::Cluster->new('node');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE app_owner');

# What a file prints as the tables' owner, without the empty lines of functions that return nothing; NOTICEs and errors.
sub run_file
{
	my ($db, $file) = @_;
	my ($out, $err) = ('', '');

	local $ENV{PGOPTIONS} = '-c role=app_owner -c search_path=app';
	IPC::Run::run(['psql', '-XqAt', '-d', $node->connstr($db), '-f', $file], '>', \$out, '2>', \$err);
	return (join("\n", grep { length } split /\n/, $out), $err);
}

sub slurp
{
	return PostgreSQL::Test::Utils::slurp_file($_[0]);
}

# What a file of statements says that it prints.
sub predicted
{
	return join "\n", slurp($_[0]) =~ /^-- => ?(.*)$/mg;
}

# The schema, without rows and without what a dump says of itself, as a list of statements.
sub dumped
{
	my ($db) = @_;
	my ($out, $err);

	IPC::Run::run(['pg_dump', '-s', '-n', 'app', '-d', $node->connstr($db)], '>', \$out, '2>', \$err);
	die $err if $err;
	$out =~ s/^(--|\\).*\n//mg;
	return grep { /\S/ } map { s/^\s+|\s+$//gr } split /;\n/, $out;
}

# Those of a list that another has not.
sub beyond
{
	my ($list, $other) = @_;
	my %other = map { ($_ => 1) } @$other;

	return join ";\n", grep { !$other{$_} } @$list;
}

my $facts = q{
SELECT 'table', t::text FROM relmeta.tables t
UNION ALL SELECT 'relationship', r::text FROM relmeta.one_to_many r
UNION ALL SELECT 'links', m::text FROM relmeta.many_to_many m
UNION ALL SELECT 'principal', p::text FROM relmeta.principals p
UNION ALL SELECT 'entry', e::text FROM relmeta.principal_object_access e
UNION ALL SELECT 'trigger', pg_get_triggerdef(t.oid) || tgenabled::text FROM pg_trigger t
	JOIN pg_class c ON c.oid = tgrelid WHERE relnamespace = 'app'::regnamespace AND NOT tgisinternal
UNION ALL SELECT 'wrong', v::text FROM relmeta.verify() v ORDER BY 1, 2
};

sub restores
{
	my ($name) = @_;
	my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump';

	$node->command_ok(['pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr($name)], "$name: is dumped");
	$node->safe_psql('postgres', "CREATE DATABASE ${name}_restored");
	$node->command_ok(['pg_restore', '--exit-on-error', '-d', $node->connstr("${name}_restored"), $dump], "$name: is restored");
	is($node->safe_psql("${name}_restored", $facts), $node->safe_psql($name, $facts), "$name: the same was restored");
	is_deeply([sort(dumped("${name}_restored"))], [sort(dumped($name))], "$name: the restored schema is the same");
	is($node->safe_psql("${name}_restored", 'SELECT * FROM relmeta.verify()'), '', "$name: nothing is wrong with it");
}

# All that is left of relmeta are indexes that lookups had not.
sub drops
{
	my ($name, $before) = @_;

	$node->safe_psql('postgres', "CREATE DATABASE ${name}_dropped TEMPLATE $name");
	$node->safe_psql("${name}_dropped", 'DROP EXTENSION relmeta');
	my @after = dumped("${name}_dropped");
	is(beyond($before, \@after), '', "$name: DROP EXTENSION leaves all that was there");
	is(join("\n", grep { !/^CREATE INDEX / } split /\n/, beyond(\@after, $before)), '', "$name: and nothing else but indexes");
}

for my $name (sort keys %file)
{
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE SCHEMA app AUTHORIZATION app_owner');
	my (undef, $err) = run_file($name, $file{$name});
	is($err, '', "$name: is made");
	my @before = dumped($name);

	$node->safe_psql($name, q{CREATE EXTENSION relmeta; SELECT relmeta.create_user('ann'), relmeta.create_user('bob');
		GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA relmeta TO app_owner});
	(undef, $err) = run_file($name, "$here/adopt.sql");
	unlike($err, qr/ERROR|made anew/, "$name: is adopted, and no key is made anew");
	drops($name, \@before);

	my ($out, $errors) = run_file($name, "$here/$name.act.sql");
	is($out, predicted("$here/$name.act.sql"), "$name: does what it is to do") or diag($errors);
	restores($name);
}

SKIP:
{
	skip 'no chinook.sql (see RELMETA_CHINOOK)', 1 if !$file{chinook};
	pass('chinook is among them');
}
done_testing();
