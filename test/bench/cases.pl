#!/usr/bin/perl
# cases.pl RUNS PATTERN NAME=VALUE... FILE... -- writes the psql script that runs the cases of the files.
#
# A case starts at '-- case: NAME'; '-- against:', '-- target:' and '-- runs:' may follow, then its parts,
# each under a line:
#	-- setup	run once before it        -- after	run once after it
#	-- relmeta, -- peer	what is measured, one statement each
#	-- session	(no lines) each run in a session of its own
# :NAME stands for its VALUE everywhere, in quoted bodies and names of cases too.
use strict;
use warnings;

my ($runs, $pattern, @rest) = @ARGV;
my %value = map { /^(\w+)=(.*)/ ? ($1 => $2) : () } @rest;
my @files = grep { !/^\w+=/ } @rest;
my $names = join '|', keys %value;
my ($case, $part, @cases);

for my $file (@files)
{
	open my $fh, '<', $file or die "$file: $!\n";
	($case, $part) = ({}, 'comment');
	while (<$fh>)
	{
		s/:($names)\b/$value{$1}/g;
		if (/^-- case: (.*)/)
		{
			push @cases, $case = { name => $1, target => 'NULL', map { $_ => '' } qw(against setup relmeta peer after) };
			$part = 'comment';
		}
		elsif (/^-- (against|target|runs): (.*)/)  { $case->{$1} = $2; }
		elsif (/^-- (setup|relmeta|peer|after)$/)  { $part = $1; }
		elsif (/^-- session$/)                     { $case->{session} = 1; }
		else                                       { $case->{$part} .= $_; }
	}
}

sub quoted
{
	my ($text) = @_;
	$text =~ s/\s*\n\s*/ /g;
	$text =~ s/([\\'])/$1$1/g;
	return "'$text'";
}

my $position = 0;
for my $case (@cases)
{
	$position++;
	# a setup may serve the cases after it
	print $case->{setup};
	if ("$case->{name} $case->{against}" =~ /$pattern/)
	{
		print "\\set position $position\n\\set target $case->{target}\n";
		print "\\set name ", quoted($case->{name}), "\n\\set against ", quoted($case->{against}), "\n";
		print "\\warn :name\n";
		my $most = $case->{runs} && $case->{runs} > $runs ? $case->{runs} : $runs;
		for my $run (0 .. $most)
		{
			for my $side ('relmeta', 'peer')
			{
				print "\\c\nSET client_min_messages = warning;\n" if $case->{session};
				print "\\set side $side\n\\set run $run\n";
				print "\\set statement ", quoted($case->{$side}), "\n";
				print "\\i :here/one.psql\n";
			}
		}
	}
	print $case->{after};
}
