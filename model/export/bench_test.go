package export_test

import (
	"io"
	"testing"

	"hopscope/model/export"
	"hopscope/model/modeltest"
	"hopscope/model/rule"
)

// BenchmarkReports writes the report of 1000 services in one namespace.
func BenchmarkReports(b *testing.B) {
	r := rule.Analyze(modeltest.Fleet(1, 1000))
	for name, write := range map[string]func(io.Writer, *rule.Report) error{"JSON": export.JSON, "Markdown": export.Markdown} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := write(io.Discard, r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
