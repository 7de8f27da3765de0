package reach

import (
	"testing"

	"hopscope/model"
	"hopscope/model/modeltest"
)

// The decisions for an endpoint are as many as the classes of callers that its rules tell
// apart, and not as many as its callers.
func TestCallersAreJudgedByWhatDecides(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*model.Snapshot{
		"own groups":     modeltest.Fleet(1, 400),
		"one group more": modeltest.Mesh(1, 400),
	} {
		d := NewDeriver(model.NewIndex(s))
		decisions := 0
		for _, versions := range d.services {
			v := versions[0]
			key, _ := d.ix.NamespaceOf(v.service, v.deployment.ServiceConnect)
			d.callers[key.Key].outcomes(v.service.Ref(), v.iface, func(*netInterface, *outcome) { decisions++ })
		}
		// Three rules name a caller each, and one all of them.
		if most := 4 * len(s.Services); decisions > most {
			t.Errorf("%s: %d decisions for %d endpoints", name, decisions, len(s.Services))
		}
	}
}
