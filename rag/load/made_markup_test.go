package load

import "maps"

func init() { maps.Copy(madeFiles, madeMarkup) }

// madeMarkup are small files in formats of text with markup.
var madeMarkup = map[string]madeFile{
	"guide.xml": {title: "Harbour guide", data: lines(`<?xml version="1.0"?>`, `<!DOCTYPE article PUBLIC "-//OASIS//DTD DocBook XML V4.5//EN" "docbookx.dtd" [<!ENTITY fee "five euros">]>`,
		`<article><articleinfo><title>Harbour guide</title><author><firstname>Ada</firstname><surname>Keeper</surname></author><pubdate>2025</pubdate></articleinfo>`,
		`<section><title>Fees</title>`, `<para>The night`, `fee is <emphasis>&fee;</emphasis> &eacute; &amp; water<footnote><para>From the tap.</para></footnote> is free.</para>`,
		`<itemizedlist><listitem><para>One</para></listitem><listitem><para>Two</para></listitem></itemizedlist><orderedlist numeration="loweralpha"><listitem><para>Pay</para></listitem><listitem><para>Leave</para></listitem></orderedlist>`, `<note><para>Pay early.</para></note>`,
		`<programlisting>berth --free`, `  7</programlisting>`, `<table><title>Berths</title><tgroup cols="2"><thead><row><entry>Berth</entry><entry>Depth</entry></row></thead><tbody><row><entry>Seven</entry><entry>3 m</entry></row></tbody></tgroup></table>`,
		`<mediaobject><imageobject><imagedata fileref="a.png"/></imageobject><textobject><phrase>The pier from above</phrase></textobject></mediaobject>`,
		`<indexterm><primary>fee</primary></indexterm></section></article>`),
		want:   []string{"# Harbour guide", "## Fees", "The night fee is five euros é & water (From the tap.) is free.", "- One", "- Two", "a. Pay", "b. Leave", "Note: Pay early.", "```\nberth --free\n  7\n```", "Berths", "| Berth", "| Seven", "The pier from above"},
		fields: []Field{{"title", "Harbour guide"}, {"author", "Ada Keeper"}, {"date", "2025"}}, places: map[string]string{"The night": "line 5", "- One": "line 7"},
		notes: []string{"pictures that are not read: 1"}, never: []string{"<para"}},
	"paper.nxml": {title: "On fog", data: lines(`<?xml version="1.0"?><!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) v1.2//EN" "JATS.dtd">`,
		`<article article-type="research-article"><front><article-meta><article-id>7</article-id><title-group><article-title>On fog</article-title></title-group>`,
		`<contrib-group><contrib><name><surname>Keeper</surname><given-names>Ada</given-names></name></contrib></contrib-group><pub-date><year>2025</year></pub-date>`,
		`<abstract><p>Fog bells were heard.</p></abstract></article-meta></front><body><sec><title>Methods</title><p>We listened.</p><sec><title>Bells</title><p>Two bells <xref rid="b1">[1]</xref> rang.</p></sec></sec></body></article>`),
		want: []string{"# On fog", "Fog bells were heard.", "# Methods", "We listened.", "# Bells", "Two bells [1] rang."}, fields: []Field{{"title", "On fog"}, {"author", "Keeper Ada"}, {"date", "2025"}}},
	"novel.fb2": {title: "The lamp", data: lines(`<?xml version="1.0" encoding="utf-8"?><FictionBook xmlns="http://www.gribuser.ru/xml/fictionbook/2.0"><description><title-info><genre>sea</genre><author><first-name>Ada</first-name><last-name>Keeper</last-name></author><book-title>The lamp</book-title></title-info><document-info><author><nickname>x</nickname></author></document-info></description>`,
		`<body><section><title><p>Chapter one</p></title><p>The lamp was lit.</p><poem><stanza><v>Low water</v><v>at six</v></stanza></poem></section></body><binary id="a" content-type="image/png">iVBORw0KGgo=</binary></FictionBook>`),
		want: []string{"# The lamp", "# Chapter one", "The lamp was lit.", "Low water", "at six"}, never: []string{"iVBOR"}},
	"berth.1": {title: "BERTH(1)", data: lines(`'\" t`, `.\" Copyright of the harbour`, `.de Sp`, `.if t .sp .5v`, `..`, `.ds C+ C\v'-.1v'+`, `.ie \n(.g .ds Aq \(aq`, `.el       .ds Aq '`, `.TH BERTH 1 2025-05-01`, `.SH NAME`,
		`berth \- manage berths`, `.SH "THE OPTIONS"`, `.TP`, `\fB\-\-night\fR, \fB\-n\fR`, `Charge the \(lqnight fee\(rq of \fIfive\fR`, `euros.`, `.IP \(bu 2`, `A point\.`, `.PP`, `Written in \*(C+ by J\('erg\[u00F6]; see`, `.BR tide (1),`, `.IR file .`,
		`.nf`, `berth \-\-free`, `.fi`, `.TS`, `tab(	);`, `l l.`, "Berth\tDepth", "Seven\t3 m", `.TE`),
		want:   []string{"# NAME", "berth - manage berths", "# THE OPTIONS", "--night, -n\nCharge the \"night fee\" of five euros.", "• A point.", "Written in C+ by Jérgö; see tide(1), file.", "```\nberth --free\n```", "| Berth", "| Seven"},
		places: map[string]string{"--night": "line 14"}, never: []string{"Copyright", "\\"}},
	"tide.8": {title: "TIDE(8)", data: lines(`.Dd May 1, 2025`, `.Dt TIDE 8`, `.Os`, `.Sh NAME`, `.Nm tide`, `.Nd "show the tides"`, `.Sh SYNOPSIS`, `.In tide.h`, `.Nm`, `.Op Fl v`, `.Op Fl d Ar day`, `.Ar harbour ...`, `.Sh DESCRIPTION`, `The`, `.Nm`,
		`utility shows`, `.Dq high water .`, `.Bl -tag -width x`, `.It Fl d Ar day , Fl -day Ns = Ns Ar day`, `The day`, `.Pq today .`, `.El`, `.Bd -literal`, `$ tide -v`, `.Ed`, `.Sh SEE ALSO`, `.Xr moon 6 ,`, `.Xr sea 4`),
		want: []string{"# NAME", "tide - show the tides", "# SYNOPSIS", "#include <tide.h> tide [-v] [-d day] harbour ...", "The tide utility shows \"high water\".", "-d day, --day=day\nThe day (today).", "```\n$ tide -v\n```", "moon(6), sea(4)"}},
	"harbour.texi": {title: "The Harbour", data: lines("\\input texinfo", "@settitle The Harbour", "@c a comment", "@titlepage", "@author Ada", "@end titlepage", "@node Fees, , Top, Top", "@chapter Night @emph{fees}", "@cindex fee",
		"The @code{fee} is five@footnote{Since May.} euros; @pxref{Tides,,The tides}.", "@table @option", "@item --night", "Stay the night.", "@end table", "@example", "berth @var{n} @@ 7", "@end example", "@itemize", "@item One", "@end itemize", "@uref{https://x.org, here} caf@'e @dots{}"),
		want:   []string{"# Night fees", "The `fee` is five (Since May.) euros; see The tides.", "--night\nStay the night.", "```\nberth n @ 7\n```", "- One", "here (https://x.org) café …"},
		fields: []Field{{"title", "The Harbour"}, {"author", "Ada"}}, never: []string{"@node", "comment", "cindex"}},
	"plan.typ": {title: "The plan", data: lines("#set document(title: \"The plan\", author: (\"Ada\", \"Cy\"))", "#show heading: it => {", "  it.body", "}", "= Piers <piers>", "The pier is #strong[ninety] metres. // not this", "#figure(",
		"  image(\"a.png\", alt: \"the pier\"),", "  caption: [The pier in May],", ")", "+ One", "#link(\"https://x.org\")[here] and https://y.org", "```go", "#let x = 1", "```", "#table(columns: 2, [Berth], [Depth], [Seven], [3 m])", "/ Tide: high water"),
		want:   []string{"# Piers\nThe pier is ninety metres.", "The pier in May the pier", "1. One", "here (https://x.org) and https://y.org", "```go\n#let x = 1\n```", "Berth | Depth | Seven | 3 m", "Tide: high water"},
		fields: []Field{{"title", "The plan"}, {"author", "Ada"}, {"author", "Cy"}}, never: []string{"not this", "it.body", "<piers>"}},
	"pier.wiki": {data: lines("{{Infobox pier", "| length = 90 m", "| built = [[1881]]", "}}", "'''The pier''' is {{convert|90|m}} long.<ref>{{cite book|title=x}}</ref>", "Ships pay.<ref name=\"a\">Fishing boats pay the half.</ref> Yachts<ref>p. 3</ref> too.", "== Fees ==", "* five [[Euro|euros]]", "** at [https://x.org night]", "[[File:a.png|thumb|The pier in May]]",
		"{| class=\"wikitable\"", "! Berth !! Depth", "|-", "| style=\"x\" | Seven || 3&nbsp;m", "|}", "[[Category:Piers]]"),
		want:   []string{"length: 90 m", "built: 1881", "The pier is 90 m long.", "Ships pay. (Fishing boats pay the half.) Yachts too.", "## Fees", "- five euros", "  - at night (https://x.org)", "The pier in May", "Berth | Depth", "Seven | 3"},
		fields: []Field{{"tags", "Piers"}}, never: []string{"cite", "wikitable", "'''"}},
}
