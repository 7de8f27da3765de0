package fix

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hopscope/model"
)

// SavedV1 is the value of Saved.Schema. Members are added, never renamed.
const SavedV1 = "hopscope.plan/v1"

// MaxSaved bounds a file of saved plans, in bytes.
const MaxSaved = 16 << 20

// Saved are plans that were saved to be reviewed, and carried out later. What is carried
// out is never read from the file: the plans are made anew, and have to be the same.
type Saved struct {
	Schema string `json:"schema"`
	// Origin, Account and Region say where the plans were made.
	Origin  string      `json:"origin"`
	Account string      `json:"account,omitempty"`
	Region  string      `json:"region,omitempty"`
	Plans   []SavedPlan `json:"plans"`
}

// SavedPlan is a plan, what it was made of, and what that was made from.
type SavedPlan struct {
	// Of are the IDs of the plans that it combines; its own where it is one.
	Of   []string `json:"of"`
	Plan Plan     `json:"plan"`
	// Facts are digests of what the plan changes, as it was: the Service Connect block,
	// and the rules of each security group.
	Facts map[string]string `json:"facts"`
}

// NewSavedPlan is a plan to be saved, as made from an account.
func NewSavedPlan(p *Plan, of []string, ix *model.Index) SavedPlan {
	out := SavedPlan{Of: of, Plan: *p, Facts: map[string]string{}}
	out.Facts["the Service Connect block of "+p.Service.String()] = digest(p.Block)
	for i := range p.Steps {
		if id := p.Steps[i].Group; id != "" {
			g, _ := ix.SecurityGroup(id)
			if g == nil {
				g = &model.SecurityGroup{}
			}
			out.Facts["the rules of security group "+id] = digest([][]string{sortedRules(g.Ingress), sortedRules(g.Egress)})
		}
	}
	return out
}

// sortedRules are rules in an order of their own: AWS's may change from answer to answer.
func sortedRules(rules []model.SecurityGroupRule) []string {
	out := make([]string, len(rules))
	for i := range rules {
		out[i] = digest(&rules[i])
	}
	slices.Sort(out)
	return out
}

// Done tells whether a snapshot has all that the plan would do now: it was carried out.
// A deployment that changes nothing leaves no such trace.
func (p *SavedPlan) Done(s *model.Snapshot) bool {
	now := slices.DeleteFunc(slices.Clone(p.Plan.Steps), func(s Step) bool { return s.Later })
	if slices.ContainsFunc(now, func(s Step) bool { return s.Kind == ByHand || s.ForceNewDeployment }) || len(now) == 0 {
		return false
	}
	after, err := Outcome(s, p.Plan.Service, now)
	if err != nil {
		return false
	}
	for i := range s.SecurityGroups {
		was, is := &s.SecurityGroups[i], &after.SecurityGroups[i]
		if !slices.Equal(sortedRules(was.Ingress), sortedRules(is.Ingress)) ||
			!slices.Equal(sortedRules(was.Egress), sortedRules(is.Egress)) {
			return false
		}
	}
	for i := range s.Services {
		was, is := s.Services[i].Primary(), after.Services[i].Primary()
		if was != is && (len(s.Services[i].Deployments) > 1 || digest(was.ServiceConnect) != digest(is.ServiceConnect)) {
			return false
		}
	}
	return true
}

func digest(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// ReadSaved reads saved plans. The error is a sentence.
func ReadSaved(data []byte) (*Saved, error) {
	if len(data) > MaxSaved {
		return nil, fmt.Errorf("it is longer than %d MB", MaxSaved>>20)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	var s Saved
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("it is damaged: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something stands behind its end")
	}
	if s.Schema != SavedV1 {
		return nil, fmt.Errorf("its schema is %q, and this version reads %s", s.Schema, SavedV1)
	}
	if len(s.Plans) == 0 {
		return nil, errors.New("it holds no plan")
	}
	if key := repeatedKey(data); key != "" { // readers differ in which of the two they show
		return nil, fmt.Errorf("it names the member %q twice", key)
	}
	if id := s.repeated(); id != "" {
		return nil, fmt.Errorf("it holds the plan %s twice", id)
	}
	for i := range s.Plans {
		if p := &s.Plans[i]; len(p.Of) == 0 || len(p.Plan.Steps) == 0 || len(p.Facts) == 0 || p.Plan.Service.Service == "" {
			return nil, fmt.Errorf("its plan %d is not whole", i+1)
		}
	}
	return &s, nil
}

// repeated is the id of a plan that is there twice, by itself or in what is combined.
func (s *Saved) repeated() string {
	seen := map[string]bool{}
	for i := range s.Plans {
		for _, id := range s.Plans[i].Of {
			if seen[id] {
				return id
			}
			seen[id] = true
		}
	}
	return ""
}

// repeatedKey is a member that an object of valid JSON has twice, "" where there is none.
// Names that differ in case alone are one: encoding/json takes them for the same member.
func repeatedKey(data []byte) string {
	d := json.NewDecoder(bytes.NewReader(data))
	// keys are those of the objects that are open, nil for arrays; name tells that a
	// member's name comes next.
	var keys []map[string]bool
	name := false
	for {
		token, err := d.Token()
		if err != nil {
			return ""
		}
		switch v := token.(type) {
		case json.Delim:
			switch v {
			case '{':
				keys = append(keys, map[string]bool{})
			case '[':
				keys = append(keys, nil)
			default:
				keys = keys[:len(keys)-1]
			}
			name = len(keys) > 0 && keys[len(keys)-1] != nil
			continue
		case string:
			if name {
				open, key := keys[len(keys)-1], strings.ToLower(v)
				if open[key] {
					return v
				}
				open[key], name = true, false
				continue
			}
		}
		name = len(keys) > 0 && keys[len(keys)-1] != nil
	}
}

// Changed says what is not any more as it was when a plan was saved, given the same plan
// as made now; none where both do the same to the same.
func (p *SavedPlan) Changed(now *SavedPlan) []string {
	var out []string
	for name, was := range p.Facts {
		if now.Facts[name] != was {
			out = append(out, name+" changed")
		}
	}
	for name := range now.Facts {
		if _, known := p.Facts[name]; !known {
			out = append(out, name+" would be changed, which the file does not say")
		}
	}
	slices.Sort(out)
	if digest(p.Plan.Steps) != digest(now.Plan.Steps) {
		out = append(out, stepChanged(p.Plan.Steps, now.Plan.Steps))
	}
	if len(out) == 0 && digest(&p.Plan) != digest(&now.Plan) {
		out = append(out, "what the plan says besides its steps is not what it says now")
	}
	return out
}

// stepChanged names the first step that differs.
func stepChanged(was, now []Step) string {
	for i := range min(len(was), len(now)) {
		if digest(was[i]) != digest(now[i]) {
			return fmt.Sprintf("step %d is %q in the file, and %q now", i+1, was[i].Title, now[i].Title)
		}
	}
	return fmt.Sprintf("the file has %d steps, and the plan %d now", len(was), len(now))
}
