# RelmetaHostile: runs statements of a role one by one, each in a session of its own, and reads from the server's log
# which of mal's functions were called meanwhile, and as whom.
package RelmetaHostile;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Utils;

our @EXPORT = qw(run_cases calls %seen);

our %seen;    # places that have been called
my %read;    # how far each node's log has been read

# Runs statements as a role; gives the SQLSTATE of each.  The session of the nth is called "$label n".
sub run_cases
{
	my ($node, $db, $role, $label, @statements) = @_;
	my ($script, $n, $out, $err, %state) = ('', 0, '', '');

	foreach my $statement (@statements)
	{
		my $name = "$label " . $n++;
		$script .= qq{\\c -reuse-previous=on "dbname=$db user=$role application_name='$name'"\n}
		  . qq{\\set LAST_ERROR_SQLSTATE 00000\n$statement}
		  . ($statement =~ /^\\\.$/m ? "\n" : ";\n")
		  . qq{\\echo :LAST_ERROR_SQLSTATE\n}
		  . qq{SELECT public.left_behind();\n};
	}
	my $result = run_psql($node, $db, $role, $script);
	my @states = $result->{out} =~ /^([0-9A-Z]{5})$/mg;
	die "$label: " . @states . " results of " . @statements . "\n$result->{out}\n$result->{err}"
	  if @states != @statements;
	return (\@states, $result->{err});
}

sub run_psql
{
	my ($node, $db, $role, $script) = @_;
	my ($out, $err) = ('', '');

	IPC::Run::run(
		[ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr($db) . " user=$role", '-f', '-' ],
		'<', \$script, '>', \$out, '2>', \$err);
	return { out => $out, err => $err };
}

# What has been called since the last look: a list of { session, backend, database, place, user, as (restricted or free) }.
# log_line_prefix is '%a|%b|%d|'.
sub calls
{
	my ($node) = @_;
	my $log = slurp_file($node->logfile, $read{ $node->name } // 0);
	my @calls;

	$read{ $node->name } = -s $node->logfile;
	while ($log =~ /^(.*?)\|(.*?)\|(.*?)\|LOG:  hostile: (.*)\|(.*)\|(.*)\|(\w+)/mg)
	{
		$seen{$4} = 1;
		push @calls,
		  { session => $1, backend => $2, database => $3, place => $4, user => $5, session_user => $6, how => $7 };
	}
	return @calls;
}

1;
