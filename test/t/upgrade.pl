# upgrade: every released version, upgraded, is what a fresh install is; also with data in it.
#
# The released install scripts stand in test/upgrade.  Until there is one, the version that is built stands in for it.
use strict;
use warnings;

BEGIN
{
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use File::Copy qw(copy);
use File::Path qw(make_path);
use Test::More;

# A staged install is needed: released scripts are put beside it, not into the server's own directories.
my $conf = $ENV{TEMP_CONFIG} ? PostgreSQL::Test::Utils::slurp_file($ENV{TEMP_CONFIG}) : '';
my ($parameter, $stage) = $conf =~ /^(extension_destdir|extension_control_path) = '([^':]+)/m
  or plan skip_all => 'the extension is not staged (extension_destdir, extension_control_path)';

my $node = PostgreSQL::Test::Cluster->new('upgrade');
$node->init;
$node->start;

my $sharedir = qx("$ENV{PG_CONFIG}" --sharedir);
chomp $sharedir;
my $pkglibdir = qx("$ENV{PG_CONFIG}" --pkglibdir);
chomp $pkglibdir;
my $inside = $parameter eq 'extension_destdir' ? "$sharedir/extension" : 'extension';
my $control = PostgreSQL::Test::Utils::slurp_file("$stage/$inside/relmeta.control");
my ($fresh) = $control =~ /^default_version = '(.*)'/m or die 'no version in the control file';
my $sql    = PostgreSQL::Test::Utils::slurp_file('test/upgrade/objects.sql');

$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION relmeta');
my $expected = $node->safe_psql('fresh', $sql);
like($expected, qr/^function CREATE OR REPLACE FUNCTION relmeta\.create_many_to_many/m, "version $fresh is installed");

my @released = map { m!relmeta--([^/]+)\.sql$! && index($1, '--') < 0 ? $1 : () } glob 'test/upgrade/relmeta--*.sql';
diag('no version was released yet: ' . $fresh . ' stands in for one') unless @released;

# A copy of the stage in which the scripts of the released version stand in place of the built ones of that version.
sub stage_with
{
	my ($version, $script) = @_;
	my $copy = PostgreSQL::Test::Utils::tempdir();
	make_path("$copy/$inside");
	copy($_, "$copy/$inside") or die "$_: $!" foreach glob "$stage/$inside/relmeta*";
	make_path("$copy/$pkglibdir");
	copy($_, "$copy/$pkglibdir") or die "$_: $!" foreach grep { -f } "$stage/$pkglibdir/relmeta.so";
	copy($script, "$copy/$inside/relmeta--$version.sql") or die "$script: $!" if $script;
	return $parameter eq 'extension_destdir' ? $copy : "$copy:\$system";
}

# the lines in which they differ
sub differences
{
	my %got = map { $_ => 1 } split /\n/, shift;
	my %wanted = map { $_ => 1 } split /\n/, $expected;
	return join "\n", (map { "+ $_" } grep { !$wanted{$_} } sort keys %got),
		(map { "- $_" } grep { !$got{$_} } sort keys %wanted);
}

foreach my $version (@released ? @released : $fresh)
{
	my $script = "test/upgrade/relmeta--$version.sql";
	my $set    = "SET $parameter = '" . stage_with($version, -e $script ? $script : undef) . "';";
	my $db     = 'upgraded_' . ($version =~ s/\W/_/gr);

	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, "$set CREATE EXTENSION relmeta VERSION '$version'");
	$node->safe_psql($db, q{
		CREATE TABLE account (id int PRIMARY KEY, owner_id text);
		CREATE TABLE contact (id int PRIMARY KEY, owner_id text);
		CREATE TABLE tag (id int PRIMARY KEY);
		SELECT relmeta.create_user('u'), relmeta.create_user('v');
		SELECT relmeta.register_table('account', 'owner_id'), relmeta.register_table('contact', 'owner_id');
		SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental');
		SELECT relmeta.create_many_to_many('account', 'tag');
		INSERT INTO account VALUES (1, 'u');
		INSERT INTO contact VALUES (1, 'u', 1);
	});
	$node->safe_psql($db, 'ALTER EXTENSION relmeta UPDATE') if $version ne $fresh;
	is(differences($node->safe_psql($db, $sql)), '', "version $version, upgraded, is what a fresh install is");
	is($node->safe_psql($db, 'SELECT * FROM relmeta.verify()'), '', "version $version, upgraded: nothing is wrong");
	is($node->safe_psql($db, q{UPDATE account SET owner_id = 'v'; SELECT owner_id FROM contact}), 'v',
		"version $version, upgraded: cascades go on");
}

# Another extension's script completes a pending relationship: the intersect table is the declarer's, not that
# extension's; and what the other extension drops takes its metadata along.
my $with_other = stage_with($fresh);
my ($dir) = $with_other =~ /^([^:]+)/;
PostgreSQL::Test::Utils::append_to_file("$dir/$inside/other.control", "default_version = '1'\nrelocatable = false\n");
PostgreSQL::Test::Utils::append_to_file("$dir/$inside/other--1.sql", "CREATE TABLE public.part (id int PRIMARY KEY);\n");
$node->safe_psql('postgres', 'CREATE DATABASE other');
is($node->safe_psql('other', qq{
	SET $parameter = '$with_other';
	CREATE EXTENSION relmeta;
	CREATE TABLE whole (id int PRIMARY KEY);
	SELECT relmeta.create_many_to_many('whole', 'part') \\g /dev/null
	CREATE EXTENSION other;
	SELECT is_pending FROM relmeta.many_to_many;
	SELECT count(*) FROM pg_depend JOIN pg_extension e ON e.oid = refobjid WHERE deptype = 'e' AND extname = 'other'
		AND classid = 'pg_class'::regclass;	-- some minor releases count the row type and its array, too
	DROP EXTENSION other CASCADE;
	SELECT count(*) FROM relmeta.many_to_many;
	SELECT to_regclass('whole_part') IS NOT NULL;
}), "f\n1\n0\nt", "another extension's script completes a relationship, and keeps its hands off the intersect table");

# The extension leaves as it came.
$node->safe_psql('fresh', 'DROP EXTENSION relmeta CASCADE; CREATE EXTENSION relmeta');
is(differences($node->safe_psql('fresh', $sql)), '', 'dropped and created again it is the same');

$node->stop;
done_testing();
