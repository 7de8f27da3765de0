package export_test

import (
	"fmt"
	"testing"

	"hopscope/model/export"
	"hopscope/model/modeltest"
	"hopscope/model/report"
	"hopscope/model/rule"
)

// BenchmarkReports writes the report of 1000 services in one namespace.
func BenchmarkReports(b *testing.B) {
	r := report.New(rule.Analyze(modeltest.Fleet(1, 1000)), nil)
	for _, f := range export.Formats() {
		if f.Name == "curl" || f.Name == "k6" {
			continue // there is no load balancer in this account
		}
		b.Run(f.Name, func(b *testing.B) {
			b.ReportAllocs()
			var size counter
			for b.Loop() {
				size = 0
				if err := f.Write(&size, &export.Document{Report: r}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)/(1<<20), "MiB/report")
		})
	}
}

// BenchmarkReportSize measures the JSON of n services in one namespace: its size is a budget of docs/structure.md.
func BenchmarkReportSize(b *testing.B) {
	for _, n := range []int{1000, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := report.New(rule.Analyze(modeltest.Fleet(1, n)), nil)
			var size counter
			for b.Loop() {
				size = 0
				if err := export.JSON(&size, r); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)/(1<<20), "MiB/report")
		})
	}
}

// counter counts what is written to it.
type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
