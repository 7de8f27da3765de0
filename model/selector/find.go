package selector

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"hopscope/model"
)

// Services are the services that a selector means, sorted. Without a glob it is one: the
// error of a name that none or several have says which there are.
func (s Selector) Services(snapshot *model.Snapshot) ([]model.Ref, error) {
	all := make([]model.Ref, len(snapshot.Services))
	for i := range snapshot.Services {
		all[i] = snapshot.Services[i].Ref()
	}
	found, err := s.among(all, "service")
	return found, s.perhapsBalancer(snapshot, found, err)
}

// Callers are the services and the families of standalone tasks that a selector means.
// A name that both have means both.
func (s Selector) Callers(snapshot *model.Snapshot) (services, families []model.Ref, err error) {
	for i := range snapshot.Services {
		if ref := snapshot.Services[i].Ref(); s.Fits(ref) {
			services = append(services, ref)
		}
	}
	all := Families(snapshot)
	families = slices.DeleteFunc(slices.Clone(all), func(ref model.Ref) bool { return !s.Fits(ref) })
	slices.SortFunc(services, model.Ref.Compare)
	found := slices.Compact(slices.SortedFunc(slices.Values(slices.Concat(services, families)), model.Ref.Compare))
	if len(found) == 0 || len(found) > 1 && !s.Plural() {
		for i := range snapshot.Services {
			all = append(all, snapshot.Services[i].Ref())
		}
		_, err = s.among(all, "service or family of standalone tasks")
		err = s.perhapsBalancer(snapshot, found, err)
	}
	return services, families, err
}

// perhapsBalancer is the error of a name that no service has: where a load balancer has it,
// it says how that one is written.
func (s Selector) perhapsBalancer(snapshot *model.Snapshot, found []model.Ref, err error) error {
	fitting := func(o model.Service) bool { return s.Fits(o.Ref()) }
	has := func(lb model.LoadBalancer) bool { return lb.Name == s.Name }
	var cannot *model.CannotCheckError
	if s.Cluster == "" && len(found) == 0 && errors.As(err, &cannot) &&
		!slices.ContainsFunc(snapshot.Services, fitting) && slices.ContainsFunc(snapshot.LoadBalancers, has) {
		cannot.Next = "there is a load balancer of this name: write " + balancerPrefix + withPort(s.Name, s.Port)
	} else if near := s.nearBalancer(snapshot); cannot != nil && s.Cluster == "" && len(found) == 0 && near != "" {
		cannot.Next = "did you mean " + balancerPrefix + withPort(near, s.Port) + "? Else " + cannot.Next
	}
	return err
}

// nearBalancer is the load balancer whose name is a slip away from what was written, where no
// service is nearer; "" where there is none.
func (s Selector) nearBalancer(snapshot *model.Snapshot) string {
	best, least := "", slip+1
	distance := func(name string) int { return edits(strings.ToLower(s.Name), strings.ToLower(name)) }
	for i := range snapshot.LoadBalancers {
		if name := snapshot.LoadBalancers[i].Name; distance(name) < least {
			best, least = name, distance(name)
		}
	}
	for i := range snapshot.Services {
		if distance(snapshot.Services[i].Name) < least {
			return ""
		}
	}
	return best
}

// Families are the families of the tasks that no service started, by cluster and name.
func Families(snapshot *model.Snapshot) []model.Ref {
	var out []model.Ref
	for i := range snapshot.StandaloneTasks {
		in := &snapshot.StandaloneTasks[i]
		for j := range in.Tasks {
			out = append(out, model.Ref{Cluster: in.Cluster, Service: in.Tasks[j].Family()})
		}
	}
	slices.SortFunc(out, model.Ref.Compare)
	return slices.Compact(out)
}

func (s Selector) among(all []model.Ref, noun string) ([]model.Ref, error) {
	slices.SortFunc(all, model.Ref.Compare)
	all = slices.Compact(all)
	var found []model.Ref
	for _, ref := range all {
		if s.Fits(ref) {
			found = append(found, ref)
		}
	}
	switch {
	case len(found) == 0:
		names := make([]string, len(all))
		for i, ref := range all {
			names[i] = ref.String()
		}
		return nil, s.notFound(noun, names)
	case len(found) > 1 && !s.Plural():
		names := make([]string, len(found))
		for i, ref := range found {
			names[i] = ref.String()
		}
		return nil, &model.CannotCheckError{
			Reason: fmt.Sprintf("several clusters have a service %q", s.Name),
			Next:   "write " + list(names, " or "),
		}
	}
	return found, nil
}

// NoService is the error of a name that no service has.
func (s Selector) NoService(snapshot *model.Snapshot) error {
	names := make([]string, len(snapshot.Services))
	for i := range snapshot.Services {
		names[i] = snapshot.Services[i].Ref().String()
	}
	slices.Sort(names)
	return s.notFound("service", names)
}

// LoadBalancers are the load balancers that a selector means, in their order.
func (s Selector) LoadBalancers(snapshot *model.Snapshot) ([]*model.LoadBalancer, error) {
	var found []*model.LoadBalancer
	names := make([]string, len(snapshot.LoadBalancers))
	for i := range snapshot.LoadBalancers {
		lb := &snapshot.LoadBalancers[i]
		names[i] = balancerPrefix + lb.Name
		if fits(s.Name, lb.Name) {
			found = append(found, lb)
		}
	}
	if len(found) == 0 {
		return nil, s.notFound("load balancer", names)
	}
	return found, nil
}

// GroupUnknown is the error of a security group that a snapshot does not have.
func (s Selector) GroupUnknown(snapshot *model.Snapshot) error {
	names := make([]string, len(snapshot.SecurityGroups))
	for i := range snapshot.SecurityGroups {
		names[i] = snapshot.SecurityGroups[i].ID
	}
	return s.notFound("security group", names)
}

// shown is how many names an error lists.
const shown = 5

// notFound names what there is that is near to a name that nothing has.
func (s Selector) notFound(noun string, names []string) error {
	e := &model.CannotCheckError{Reason: fmt.Sprintf("there is no %s %q", noun, withPort(s.bare(), 0))}
	if s.Plural() {
		e.Reason = fmt.Sprintf("no %s matches %q", noun, s.bare())
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(s.distance(a), s.distance(b)) })
	near := s.near(names)
	names = names[len(near):]
	switch more := len(names) - shown; {
	case len(near) > 0 && len(names) == 0:
	case len(near) == 0 && len(names) == 0:
		e.Next = "there is none that was read"
	case more > 0:
		e.Next = fmt.Sprintf("there is %s and %d more", strings.Join(names[:shown], ", "), more)
	default:
		e.Next = "there is " + list(names, " and ")
	}
	if len(near) > 0 {
		e.Next = strings.TrimSuffix("did you mean "+list(near, " or ")+"? Else "+e.Next, " Else ")
	}
	return e
}

// slip is how many edits a name may be away from what was written by a slip of the hand.
const slip = 2

// mostNear is how many names may be equally near, so that they are worth an answer.
const mostNear = 3

// near are the first of names that are sorted by their distance: those that are a slip
// away from what was written, if they are few and equally near.
func (s Selector) near(names []string) []string {
	if s.Plural() || len(names) == 0 {
		return nil
	}
	least := s.distance(names[0])
	n := 0
	for n < len(names) && s.distance(names[n]) == least {
		n++
	}
	if least > slip || least >= len(s.Name) || n > mostNear {
		return nil
	}
	return names[:n]
}

// bare is the selector without its port.
func (s Selector) bare() string {
	s.Port = 0
	return s.String()
}

// distance is how far a name is from what was written: by the part behind the cluster
// where no cluster was written.
func (s Selector) distance(name string) int {
	typed := s.bare()
	if at := strings.LastIndexByte(name, '/'); s.Cluster == "" && at >= 0 {
		name = name[at+1:]
	}
	if strings.Contains(name, typed) || strings.Contains(typed, name) {
		return 0
	}
	return edits(strings.ToLower(typed), strings.ToLower(name))
}

// edits is the number of characters that have to be put in, taken out or replaced to
// make one text of another (Levenshtein).
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := before
			if a[i] != b[j] {
				replaced++
			}
			before = row[j+1]
			row[j+1] = min(replaced, row[j]+1, before+1)
		}
	}
	return row[len(b)]
}

// list joins names, the first few of many.
func list(names []string, last string) string {
	switch n := len(names); {
	case n > shown:
		return strings.Join(names[:shown], ", ") + fmt.Sprintf(", or one of %d more", n-shown)
	case n > 1:
		return strings.Join(names[:n-1], ", ") + last + names[n-1]
	}
	return strings.Join(names, "")
}
