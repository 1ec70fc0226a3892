#!/usr/bin/perl
# packages.pl DIR [SOURCES] -- turns a Debian package list into files for COPY.
#
# Standard input: stanzas as in `apt-cache dumpavail` or /var/lib/dpkg/status.
# SOURCES: a file of source stanzas, for the field Uploaders; may be empty.
# Writes DIR/{person,team,team_member,section,source_package,binary_package,note,depends}.tsv.
# Only perl-base is needed.
use strict;
use warnings;

my ($dir, $sources) = @ARGV;
my (%person, %team, %member, %section, %source, %binary, %wants, @note);

my $fields = join '|', qw(Package Source Maintainer Original-Maintainer Uploaders Section Version Installed-Size
	Description Homepage Tag Depends Pre-Depends Recommends);

# The fields of one stanza that are of use; continuation lines are joined.
sub stanza
{
	my ($text) = @_;
	$text =~ s/\n[ \t]+/ /g;
	my %field = $text =~ /^($fields):[ \t]*(.*?)[ \t]*$/mgo;
	return \%field;
}

# Valid UTF-8 as COPY text wants it; a field in some other encoding loses its odd letters.
sub clean
{
	my ($value) = @_;
	my $probe = $value;
	$value =~ tr/\x80-\xff/?/ unless utf8::decode($probe);
	$value =~ s/[\x00-\x1f]+/ /g;
	$value =~ s/\\/\\\\/g;
	return $value;
}

# 'Debian Perl Group <list@example.org>' as the name, noting whether it is a team.
sub maintainer
{
	my ($text) = @_;
	my ($name, $address) = $text =~ /^\s*"?(.*?)"?\s*<([^>]*)>/ or return undef;
	$name =~ s/\s+/ /g;
	$name = clean($name eq '' ? $address : $name);
	if ($address =~ /\@(alioth-)?lists?\.|\@tracker\.|\@qa\.|team[+\@]|googlegroups/
		|| $name =~ /\b(team|group|maintainers?|developers|project|packagers|task force|strike force|squad|collective)\b/i)
	{
		$team{$name} = 1;
	}
	else
	{
		$person{$name} = 1;
	}
	return $name;
}

$/ = '';
while (my $text = <STDIN>)
{
	my $f = stanza($text);
	my $name = $f->{Package} or next;
	my $owner = maintainer($f->{'Original-Maintainer'} // $f->{Maintainer} // '') // next;
	my ($source) = split / /, $f->{Source} // $name;
	my ($section) = ($f->{Section} // 'misc') =~ m{([^/]*)$};

	next if $binary{$name};
	$section{$section} = 1;
	$source{$source} //= [ $owner, $f->{Homepage} ];
	$binary{$name} = [ $source, $section, clean($f->{Version} // ''), $f->{'Installed-Size'} // 0,
		clean($f->{Description} // '') ];
	push @note, [ $name, 'binary_package', 'debtags: ' . clean($f->{Tag}) ] if $f->{Tag};
	for my $kind ('Recommends', 'Depends', 'Pre-Depends')
	{
		for (split /[,|]/, $f->{$kind} // '')
		{
			$wants{$name}{$1} = $kind if /^\s*([^\s(:]+)/ && $1 ne $name;
		}
	}
}
for (sort keys %source)
{
	push @note, [ $_, 'source_package', 'homepage: ' . clean($source{$_}[1]) ] if $source{$_}[1];
}

if ($sources && open my $fh, '<', $sources)
{
	while (my $text = <$fh>)
	{
		my $f = stanza($text);
		my $source = $source{ $f->{Package} // '' } or next;
		next unless $team{ $source->[0] };
		for (split />\s*,\s*/, $f->{Uploaders} // '')
		{
			my $name = maintainer("$_>") // next;
			$member{ $source->[0] }{$name} = 1;
		}
	}
}
delete @person{ keys %team };

sub table
{
	my ($name, @rows) = @_;
	open my $fh, '>', "$dir/$name.tsv" or die "$dir/$name.tsv: $!\n";
	print $fh join("\t", @$_), "\n" for @rows;
	close $fh or die "$dir/$name.tsv: $!\n";
}

my $id = 0;
table('person', map { [$_] } sort keys %person);
table('team', map { [$_] } sort keys %team);
table('team_member', map { my $t = $_; map { [ $t, $_ ] } grep { $person{$_} } sort keys %{ $member{$t} } } sort keys %member);
table('section', map { [$_] } sort keys %section);
table('source_package', map { [ $_, $source{$_}[0] ] } sort keys %source);
# A binary package starts with its source package's owner: where they differ in the archive it is by accident.
table('binary_package', map { [ $_, @{ $binary{$_} }, $source{ $binary{$_}[0] }[0] ] } sort keys %binary);
table('note', map {
	my ($about, $type, $body) = @$_;
	[ ++$id, $about, $type, $body, $source{ $type eq 'source_package' ? $about : $binary{$about}[0] }[0] ] } @note);
table('depends', map { my $p = $_; map { [ $p, $_, $wants{$p}{$_} ] } grep { $binary{$_} } sort keys %{ $wants{$p} } } sort keys %wants);
