package export

import (
	"io"
	"strings"

	"hopscope/model"
	"hopscope/model/reach"
	"hopscope/model/report"
)

// Document is what a format writes.
type Document struct {
	*report.Report
	// Index finds what the paths were derived from; requests along them need it.
	Index *model.Index
	// Draw draws a path in cells, in lines of at most some width. Whoever has a terminal
	// knows how; text needs it.
	Draw func(p *reach.Path, width int) string
	// ASCII keeps text to the characters that every chat, ticket and font has.
	ASCII bool
}

// Format is a way to write a document.
type Format struct {
	Name string
	// Extension is what its files end in.
	Extension string
	// About says in a few words what it is for.
	About string
	Write func(io.Writer, *Document) error
}

// ofReport is the writer of a format that needs the report alone.
func ofReport(write func(io.Writer, *report.Report) error) func(io.Writer, *Document) error {
	return func(w io.Writer, d *Document) error { return write(w, d.Report) }
}

// markdownExtension is the extension of the formats that are Markdown.
const markdownExtension = ".md"

var formats = []Format{
	{"markdown", markdownExtension, "a report for a ticket", ofReport(Markdown)},
	{"html", ".html", "one page with every path drawn, for a browser and for print", HTML},
	{"svg", ".svg", "the paths as a picture", SVG},
	{"mermaid", ".mermaid" + markdownExtension, "Markdown with a diagram of each service", Mermaid},
	{"text", ".txt", "the paths drawn in text, for a code block", Text},
	{"json", ".json", "the report for programs", ofReport(JSON)},
	{"curl", ".sh", "a request along each path of a load balancer", Curl},
	{"k6", ".js", "a script that measures one path", K6},
	{"assertions", ".yaml", "what holds now, for hopscope check --assert", Assertions},
}

// Formats are all formats: the screen, hopscope export and hopscope check know those that
// are here.
func Formats() []Format { return append([]Format(nil), formats...) }

// Named is the format of a name.
func Named(name string) (f Format, ok bool) {
	for _, f := range formats {
		if f.Name == name {
			return f, true
		}
	}
	return Format{}, false
}

// OfFile is the format that the name of a file tells: of several extensions that it ends
// in the longest.
func OfFile(file string) (f Format, ok bool) {
	file = strings.ToLower(file)
	for _, one := range formats {
		if strings.HasSuffix(file, one.Extension) && len(one.Extension) > len(f.Extension) {
			f = one
		}
	}
	return f, f.Name != ""
}

// Names are the names of all formats.
func Names() []string {
	out := make([]string, len(formats))
	for i := range formats {
		out[i] = formats[i].Name
	}
	return out
}
