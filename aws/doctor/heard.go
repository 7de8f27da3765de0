package doctor

import (
	"strings"

	"hopscope/aws"
	"hopscope/model"
	"hopscope/model/doctor"
)

// patience is how many trials of a service in a row may fail otherwise than by a refusal
// before no other is sent: each took all its attempts.
const patience = 2

// heard is which services have answered and which do not: what is not worth a try.
type heard struct {
	answered map[string]bool
	faults   map[string]int
	// silent says of services why they are not asked any more, and ended why none is.
	silent map[string]string
	ended  string
}

func newHeard() heard {
	return heard{answered: make(map[string]bool), faults: make(map[string]int), silent: make(map[string]string)}
}

// silentError says why an action is not worth a try.
type silentError struct{ reason string }

func (e *silentError) Error() string { return "could not try: " + e.reason }

func serviceOf(a model.Action) string {
	service, _, _ := strings.Cut(string(a), ":")
	return service
}

// whyNot is why an action is not tried, nil where it is worth it.
func (h *heard) whyNot(a model.Action) error {
	if h.ended != "" {
		return &silentError{h.ended}
	}
	if why := h.silent[serviceOf(a)]; why != "" {
		return &silentError{why}
	}
	return nil
}

// answer notes that a service has answered.
func (h *heard) answer(a model.Action) {
	h.answered[serviceOf(a)], h.faults[serviceOf(a)] = true, 0
}

// failure notes that a trial failed; ofAWS tells that AWS said so. After credentials that
// ended nothing can succeed, and hardly where two services failed and none did not.
func (h *heard) failure(a model.Action, state doctor.State, f aws.Failure, ofAWS bool) {
	service := serviceOf(a)
	switch {
	case f.Credentials:
		h.ended = f.Sentence
		return
	case state != doctor.Failed:
		h.answer(a)
		return
	}
	h.faults[service]++
	if len(h.faults) >= patience && len(h.answered) == 0 {
		h.ended = f.Sentence
		return
	}
	if h.faults[service] < patience && (ofAWS || h.answered[service]) {
		return
	}
	h.silent[service] = f.Sentence
}
