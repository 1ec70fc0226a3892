#!/usr/bin/perl
# cases.pl RUNS PATTERN NAME=VALUE... FILE... -- writes the psql script that runs the cases of the files.
#
# A case starts at '-- case: NAME'; these lines may follow:
#	-- against: PEER        what relmeta is compared with; 'at most' without a peer is in microseconds each
#	-- target: 1.10         the ratio to reach
#	-- runs: 15             more runs than RUNS
#	-- each: 100            the figure is not a ratio but the difference, divided by this many, in ms
#	-- session              each run in a session of its own
#	-- other rows           the sides rightly write different rows
#	-- committed            not in a transaction that is rolled back: the statement makes its own
# then its parts, each under a line:
#	-- setup, -- after                  once before the case, once after it
#	-- before relmeta, -- before peer   before each run, not measured
#	-- relmeta, -- peer                 what is measured
# :NAME stands for its VALUE everywhere, in quoted bodies and names of cases too.
use strict;
use warnings;

my ($runs, $pattern, @rest) = @ARGV;
my %value = map { /^(\w+)=(.*)/ ? ($1 => $2) : () } @rest;
my @files = grep { !/^\w+=/ } @rest;
my $names = join '|', keys %value;
my @parts = ('setup', 'before relmeta', 'before peer', 'relmeta', 'peer', 'after');
my $parts = join '|', @parts;
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
			$case = { name => $1, target => 'NULL', each => 'NULL', against => '', map { $_ => '' } @parts };
			push @cases, $case;
			$part = 'comment';
		}
		elsif (/^-- (against|target|runs|each): (.*)/) { $case->{$1} = $2; }
		elsif (/^-- (session|committed|other rows)$/)             { $case->{$1} = 1; }
		elsif (/^-- ($parts)$/)                        { $part = $1; }
		else                                           { $case->{$part} .= $_; }
	}
}

sub quoted
{
	my ($text) = @_;
	$text =~ s/\s*\n\s*/ /g;
	$text =~ s/([\\'])/$1$1/g;
	return "'$text'";
}

sub run
{
	my ($case, $side, $run) = @_;
	return if $case->{$side} eq '';
	print "\\c\nSET client_min_messages = warning;\n" if $case->{session};
	print "\\set side $side\n\\set run $run\n\\set counted ", $run == 1 ? 'true' : 'false', "\n";
	print "\\set before ", quoted($case->{"before $side"}), "\n";
	print "\\set statement ", quoted($case->{$side}), "\n";
	print "\\i :here/one.psql\n";
}

my $position = 0;
for my $case (@cases)
{
	$position++;
	# a setup may serve the cases after it
	print $case->{setup};
	if ("$case->{name} $case->{against}" =~ /$pattern/)
	{
		my $most = $case->{runs} && $case->{runs} > $runs ? $case->{runs} : $runs;
		print "\\set position $position\n\\set target $case->{target}\n\\set each $case->{each}\n";
		print "\\set name ", quoted($case->{name}), "\n\\set against ", quoted($case->{against}), "\n";
		print "\\set committed ", $case->{committed} ? 'true' : 'false', "\n",
			"\\set same ", $case->{'other rows'} ? 'false' : 'true', "\n\\warn :name\n";
		for my $n (0 .. $most)
		{
			run($case, 'relmeta', $n);
			run($case, 'peer', $n);
		}
	}
	print $case->{after};
}
