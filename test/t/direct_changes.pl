# direct_changes: rows that cascades change without a statement are counted as any; who hooks into statements is not told of
# them, but who hooks into what statements may touch (sepgsql, pgaudit) is told of all, by statements.
use strict;
use warnings;
use File::Copy;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# a module of the kind, see there
my $dir = PostgreSQL::Test::Utils::tempdir();
my ($pgxs) = run_command([ $ENV{PG_CONFIG} // 'pg_config', '--pgxs' ]);
copy("$FindBin::RealBin/lib/tell_permissions.c", $dir) or die "tell_permissions.c: $!";
system_or_bail('make', '-s', '-C', $dir, '-f', $pgxs, "PGXS=$pgxs", 'MODULES=tell_permissions', 'with_llvm=no',
	'PG_CONFIG=' . ($ENV{PG_CONFIG} // 'pg_config'), split(' ', $ENV{MAKE_ARGS} // ''));
my $module = "$dir/tell_permissions.so";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', q{
	shared_preload_libraries = 'pg_stat_statements, auto_explain'
	pg_stat_statements.track = all
	auto_explain.log_min_duration = 0
	auto_explain.log_nested_statements = on
});
$node->start;
$node->safe_psql('postgres', q{
	CREATE EXTENSION relmeta;
	CREATE EXTENSION pg_stat_statements;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob');
	CREATE TABLE account (id int PRIMARY KEY, owner text);
	CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text) WITH (fillfactor = 50);
	CREATE TABLE note (id int PRIMARY KEY, contact_id int, owner text);
	SELECT relmeta.register_table(t, 'owner') FROM unnest('{account,contact,note}'::regclass[]) AS t;
	SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', preset => 'parental', foreign_key => false),
		relmeta.create_one_to_many('contact', 'note', 'contact_id', preset => 'parental', foreign_key => false);
	INSERT INTO account VALUES (1, 'ann'), (2, 'ann'), (3, 'ann');
	INSERT INTO contact SELECT i, 1 + i % 3, 'ann' FROM generate_series(1, 12) AS i;
	INSERT INTO note SELECT i, 1 + i % 12, 'ann' FROM generate_series(1, 24) AS i;
});

# the same changes, without a statement and (once somebody wants to know of them) by statements
my @changes = ('UPDATE account SET owner = $$bob$$ WHERE id = 1', 'DELETE FROM account WHERE id = 2');
my $statements = q{SELECT count(*) FROM pg_stat_statements WHERE query ~ '^(UPDATE|DELETE).* public\.(contact|note)'};
my $counted = q{
	SELECT relname, n_tup_upd, n_tup_hot_upd, n_tup_del FROM pg_stat_xact_user_tables
	WHERE schemaname = 'public' ORDER BY relname};
my $called = q{SELECT calls FROM pg_stat_xact_user_functions WHERE funcname = 'trigger_row_changed'};
my (%counts, %told, %calls);

foreach my $how ('none', 'told')
{
	my $load = $how eq 'told' ? "LOAD '$module';" : '';

	$node->safe_psql('postgres', 'SELECT pg_stat_statements_reset()');
	foreach my $change (@changes)
	{
		my ($stdout, $stderr);
		my $at = -s $node->logfile;

		$node->psql('postgres', "$load BEGIN; SET LOCAL track_functions = 'all'; $change; $called; $counted; ROLLBACK",
			stdout => \$stdout, stderr => \$stderr, on_error_die => 1);
		push @{ $calls{$how} }, $stdout =~ s/^(\d+)\n// ? $1 : 0;
		push @{ $counts{$how} }, $stdout;
		push @{ $told{$how} }, join ' ', $stderr =~ /changes (\w+)/g;
		my $logged = () = slurp_file($node->logfile, $at) =~ /Query Text: (?:UPDATE|DELETE FROM) public\./g;
		is($logged, $how eq 'told' ? 2 : 0, "$change, $how: statements that auto_explain logs");
	}
	is($node->safe_psql('postgres', $statements), $how eq 'told' ? 4 : 0, "$how: statements that pg_stat_statements counts");
}
is($counts{none}[0], "account|1|1|0\ncontact|4|4|0\nnote|8|8|0", 'rows that are updated without a statement are counted');
is($counts{none}[1], "account|0|0|1\ncontact|0|0|4\nnote|0|0|8", 'and those that are deleted');
is_deeply($counts{told}, $counts{none}, 'as those of statements are');
is($calls{none}[0], 1, "relmeta's row trigger is called for the statement's own row alone");
is($calls{told}[0], 13, 'by statements for each');
is_deeply($told{none}, [ '', '' ], 'nobody is told');
is_deeply($told{told}, [ ('account contact note') x 2 ], 'who wants to know which tables are changed is told of all');

done_testing();
