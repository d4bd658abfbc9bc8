package load

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// kindByExtension maps a lower-case extension to the kind of the file.
var kindByExtension = func() map[string]string {
	kinds := map[string]string{}
	for kind, extensions := range map[string]string{
		"markdown":  "md markdown mdown mkd mkdn mdx qmd rmd",
		"text":      "txt text me readme 1st nfo srt vtt",
		"rst":       "rst rest",
		"org":       "org",
		"asciidoc":  "adoc asciidoc asc",
		"html":      "html htm xhtml shtml",
		"pdf":       "pdf",
		"docx":      "docx docm dotx dotm",
		"pptx":      "pptx pptm ppsx ppsm potx potm",
		"xlsx":      "xlsx xlsm xltx xltm xlsb",
		"odt":       "odt ott fodt",
		"ods":       "ods ots fods",
		"odp":       "odp otp fodp",
		"rtf":       "rtf",
		"doc":       "doc dot",
		"msg":       "msg oft",
		"xls":       "xls xlt",
		"ppt":       "ppt pps pot",
		"epub":      "epub",
		"csv":       "csv",
		"tsv":       "tsv tab",
		"json":      "json jsonl ndjson geojson json5 jsonc webmanifest",
		"yaml":      "yaml yml",
		"toml":      "toml",
		"notebook":  "ipynb",
		"log":       "log",
		"mail":      "eml emlx",
		"mbox":      "mbox mbx",
		"calendar":  "ics ical ifb",
		"mhtml":     "mht mhtml",
		"docbook":   "dbk docbook",
		"jats":      "nxml",
		"fb2":       "fb2",
		"man":       "man mdoc roff",
		"texinfo":   "texi texinfo txi",
		"typst":     "typ",
		"mediawiki": "wiki mediawiki",
		"picture":   "png jpg jpeg jpe jfif gif bmp tif tiff webp",
		"recording": "mp3 wav m4a ogg oga opus flac aac aiff mp4 m4v mkv mov avi webm",
		"archive":   "zip tar gz tgz bz2 tbz tbz2",
		"source": "go py pyi rb rs js mjs cjs jsx ts mts cts tsx java kt kts scala groovy " +
			"gradle c h cc cpp cxx hh hpp hxx m mm cs fs fsx vb swift " +
			"php pl pm lua r jl hs lhs ml mli elm ex exs erl hrl clj cljs cljc edn lisp el " +
			"scm rkt dart zig nim d v sv vhd vhdl pas f f90 f95 for ada adb ads " +
			"asm s sh bash zsh fish ps1 psm1 bat cmd awk sed sql graphql gql proto thrift tf " +
			"hcl nix bzl bazel cmake mk css scss sass less vue svelte astro " +
			"tex bib cls sty xml xsd xsl xslt svg ini cfg conf properties cu cl glsl wgsl hlsl sol cr tcl diff patch",
	} {
		for _, ext := range strings.Fields(extensions) {
			if other, ok := kinds[ext]; ok {
				panic("the extension " + ext + " is entered for " + other + " and for " + kind)
			}
			kinds[ext] = kind
		}
	}
	return kinds
}()

// kindByName maps a lower-case file name to the kind of the file, for names that say more than
// their extension.
var kindByName = map[string]string{
	"makefile": "source", "gnumakefile": "source", "dockerfile": "source", "containerfile": "source",
	"rakefile": "source", "gemfile": "source",
	"justfile": "source", "vagrantfile": "source", "jenkinsfile": "source", "procfile": "source",
	"build": "source", "workspace": "source",
	"cmakelists.txt": "source", "go.mod": "source", "go.work": "source", "readme": "text",
	"license": "text", "licence": "text", "copying": "text",
	"authors": "text", "changelog": "text", "changes": "text", "news": "text", "notice": "text",
	"todo": "text", "install": "text", "contributors": "text",
	"robots.txt": "text", "requirements.txt": "text",
}

// kindOf returns the kind that the name of a file implies, or "" if only its content can decide.
func kindOf(name string) string {
	base := strings.ToLower(path.Base(name))
	if kind, ok := kindByName[base]; ok {
		return kind
	}
	return kindByExtension[strings.TrimPrefix(path.Ext(base), ".")]
}

// Language returns the language of a file of source code or settings as syntax highlighters name
// it, which is mostly the file's extension. It is "" for other files and for LaTeX, which has the
// kind source although its text is prose.
func Language(name string) string {
	base := strings.ToLower(path.Base(name))
	ext := strings.TrimPrefix(path.Ext(base), ".")
	switch kind := kindOf(name); {
	case kind == "json" || kind == "yaml" || kind == "toml":
		return kind
	case kind != "source" || slices.Contains([]string{"tex", "bib", "cls", "sty"}, ext):
		return ""
	case ext == "":
		return base
	}
	return ext
}

// Extensions returns the extensions that files of a kind have, sorted and without the dot.
func Extensions(kind string) (extensions []string) {
	for ext, of := range kindByExtension {
		if of == kind {
			extensions = append(extensions, ext)
		}
	}
	slices.Sort(extensions)
	return extensions
}

// Kinds returns the kinds of documents that can be read, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(readers)) }
