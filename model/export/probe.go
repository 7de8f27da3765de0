package export

import (
	"fmt"
	"io"

	"hopscope/model"
	"hopscope/model/probe"
	"hopscope/model/reach"
)

// Curl writes a request along each path of a load balancer.
func Curl(w io.Writer, d *Document) error {
	found, err := probes(d)
	if err != nil {
		return err
	}
	return probe.Curl(w, found)
}

// K6 writes a script that measures the one path of the document.
func K6(w io.Writer, d *Document) error {
	found, err := probes(d)
	switch {
	case err != nil:
		return err
	case len(found) > 1:
		return &model.CannotCheckError{
			Reason: fmt.Sprintf("a script measures one path, and %d are chosen", len(found)),
			Next:   fmt.Sprintf("add --path with the id of one of them: %q or another", found[0].ID),
		}
	}
	return found[0].K6(w)
}

// probes are the requests along the paths of a document, at least one.
func probes(d *Document) ([]*probe.Probe, error) {
	var found []*probe.Probe
	why := "no path is chosen"
	for _, p := range d.Paths {
		if p.Source.Kind == reach.SourceHealthCheck {
			continue
		}
		made, reason := probe.Of(d.Index, p)
		if made == nil {
			why = fmt.Sprintf("path %s: %s", p.ID, reason)
			continue
		}
		found = append(found, made)
	}
	if len(found) == 0 {
		return nil, &model.CannotCheckError{
			Reason: "there is no request to make: " + why,
			Next:   "hopscope check --format json lists the paths and their ids",
		}
	}
	return found, nil
}
