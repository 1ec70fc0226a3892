# standby: on a hot standby one can ask what is shared, and sees what the primary shares, and everything that would
# write or lock is refused as PostgreSQL refuses it, also in a read-only transaction of the primary.
use strict;
use warnings;

BEGIN
{
	# before the modules that look for it
	require PostgreSQL::Test::Cluster;
	require PostgreSQL::Test::Utils;
}
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', "synchronous_commit = on\n");	# else a commit may not be written yet
$primary->start;
$primary->safe_psql(
	'postgres', q{
	CREATE EXTENSION relmeta;
	CREATE ROLE standby_reader;
	SELECT relmeta.create_user('ann'), relmeta.create_user('bob', 'standby_reader'), relmeta.create_team('crew');
	SELECT relmeta.add_team_member('crew', 'bob');
	CREATE TABLE account (id int PRIMARY KEY, owner text);
	CREATE TABLE contact (id int PRIMARY KEY, account_id int, owner text);
	GRANT SELECT ON account, contact TO standby_reader;
	SELECT relmeta.register_table('account', 'owner'), relmeta.register_table('contact', 'owner');
	SELECT relmeta.create_one_to_many('account', 'contact', 'account_id', 'acc_con', preset => 'parental');
	CREATE TABLE tag (id int PRIMARY KEY);
	SELECT relmeta.create_many_to_many('account', 'tag', 'acc_tag');
	INSERT INTO tag VALUES (1);
	INSERT INTO account VALUES (1, 'ann'), (2, 'ann');
	INSERT INTO contact SELECT i, 1 + i % 2, 'ann' FROM generate_series(1, 1000) AS i;
	CREATE POLICY read ON contact TO standby_reader USING (relmeta.has_access('contact', id, 'read'));
	ALTER TABLE contact ENABLE ROW LEVEL SECURITY;
	SELECT relmeta.share('account', 2, 'crew', '{read,write}');
});

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

sub catch_up { $primary->wait_for_catchup($standby); return; }

# what both servers say, as the administrator and as somebody that rows are shared with
my @questions = (
	q{SELECT id, relmeta.has_access('account', id, 'read', 'bob'), relmeta.has_access('account', id, 'write', 'bob')
		FROM account ORDER BY id},
	q{SELECT relmeta.principal_access('contact', id, 'bob'), count(*) FROM contact GROUP BY 1 ORDER BY 1},
	q{SELECT * FROM relmeta.explain_access('contact', 999, 'bob')},
	q{SELECT * FROM relmeta.shared_principals('account', 2)},
	q{SELECT relation, count(*) FROM relmeta.shared_with('bob') GROUP BY 1 ORDER BY 1},
	q{SELECT count(*), sum(inherited_access_rights_mask) FROM relmeta.principal_object_access},
	q{SET ROLE standby_reader; SELECT count(*), min(relmeta.has_access('contact', id, 'write')::text) FROM contact},
	q{SET relmeta.principal = 'ann'; SELECT count(*) FROM contact WHERE relmeta.has_access('contact', id, 'assign')},
	q{SELECT relation, owner_column FROM relmeta.tables ORDER BY 1},
	q{SELECT * FROM relmeta.verify()});

sub says_the_same
{
	my ($when) = @_;

	catch_up();
	is($standby->safe_psql('postgres', $_), $primary->safe_psql('postgres', $_),
		"$when: " . substr($_ =~ s/\s+/ /gr, 0, 60))
	  foreach @questions;
	return;
}

says_the_same('shared');
is($standby->safe_psql('postgres', $questions[0]), "1|f|f\n2|t|t", 'the standby knows what is shared');
is($standby->safe_psql('postgres', $questions[6]), '500|true', 'policies show what is shared');

# a session that has asked already sees what the primary changes
my $session = $standby->background_psql('postgres');
my $ask = q{SELECT relmeta.principal_access('contact', 2, 'bob'), relmeta.principal_access('account', 2, 'bob')};
is($session->query_safe($ask), '{}|{read,write}', 'a session on the standby asks');
$primary->safe_psql('postgres', q{
	SELECT relmeta.share('account', 1, 'bob', '{read}');
	SELECT relmeta.modify_share('account', 2, 'crew', '{delete}');
});
catch_up();
is($session->query_safe($ask), '{read}|{delete}', 'the same session sees shares that come');
$primary->safe_psql('postgres', q{SELECT relmeta.unshare('account', 1, 'bob'), relmeta.remove_team_member('crew', 'bob')});
catch_up();
is($session->query_safe($ask), '{}|{}', 'and others that go, with a membership');
$session->quit;
says_the_same('unshared');

# What writes.  What declares takes locks first, which are not to be had on a standby.
my @writes = (
	q{relmeta.share('account', 1, 'bob')},
	q{relmeta.modify_share('account', 2, 'crew', '{read}')},
	q{relmeta.unshare('account', 2, 'crew')},
	q{relmeta.unshare('account', 1, 'bob')},
	q{relmeta.share_many('account', '{1,2}', '{bob,crew}')},
	q{relmeta.unshare_many('account', '{1,2}', '{bob,crew}')},
	q{relmeta.revoke_all('crew')},
	q{relmeta.assign('account', 1, 'bob')},
	q{relmeta.reassign_owned('ann', 'bob')},
	q{relmeta.create_user('cat')},
	q{relmeta.drop_principal('bob')},
	q{relmeta.add_team_member('crew', 'bob')},
	q{relmeta.register_table('account', 'owner')},
	q{relmeta.update_relationship('acc_con', share => 'none', reparent => 'none')},
	q{relmeta.reset_inherited_access('acc_con')},
	q{relmeta.remove_team_member('crew', 'bob')},
	q{relmeta.associate('acc_tag', 1, 1)},
	q{relmeta.disassociate('acc_tag', 1, 1)});

sub refused
{
	my ($node, $how, $before) = @_;

	foreach my $call (@writes)
	{
		my ($rc, $out, $err) = $node->psql('postgres', "\\set VERBOSITY verbose\n$before SELECT $call");
		like($err, qr/ERROR:  (25006: |55000: cannot acquire lock mode)/, "$how: $call is refused") or diag($err);
	}
	return;
}
refused($standby, 'standby', '');
refused($primary, 'read-only', 'BEGIN READ ONLY;');
says_the_same('after all that was refused');

# a job that nobody works is nothing that a standby could mend
my $job = $primary->safe_psql('postgres', q{SET relmeta.job_workers = 0; SELECT relmeta.reset_inherited_access('acc_con')});
catch_up();
is($standby->safe_psql('postgres', "SELECT relmeta.wait_for_job($job, '1.5 s')"), 'ready', 'a job can be waited for');
is($standby->safe_psql('postgres', 'SELECT * FROM relmeta.verify()'), '', 'and is nothing wrong');

$standby->promote;
is($standby->safe_psql('postgres',
	q{SELECT relmeta.share('account', 1, 'bob'); SELECT relmeta.principal_access('contact', 2, 'bob')}),
	"501\n{read}", 'promoted it shares');
is($standby->safe_psql('postgres', 'SELECT * FROM relmeta.verify()'), '', 'and nothing is wrong');

$standby->stop;
$primary->stop;
done_testing();
