package simulator

import (
	"cmp"
	"slices"
	"time"
)

type namespace struct {
	Namespace
	arn string
}

// mapService is a Cloud Map service: Service Connect makes one for each
// endpoint, and a service registry is one.
type mapService struct {
	id, arn, name string
	in            *namespace
	kind          string // HTTP, or DNS_HTTP of a registry
	created       time.Time
	offeredBy     []*deployment // with Service Connect, in the order in which they were made
}

// mapServiceName tells Cloud Map services apart.
type mapServiceName struct {
	in   *namespace
	name string
}

// cloudMap is AWS Cloud Map: the namespaces and what is registered in them. It
// answers its own calls.
type cloudMap struct {
	account
	namespaces []*namespace
	services   []*mapService
	byName     map[mapServiceName]*mapService
}

// mapOperations is the table of what Cloud Map answers.
func mapOperations(r *resources) []operation {
	return []operation{
		{serviceMap, "ListNamespaces", reads, decode(r.cloudMap.listNamespaces)},
		{serviceMap, "ListServices", reads, decode(r.cloudMap.listServices)},
	}
}

// newCloudMap makes the namespaces. The default namespace of a cluster exists
// without being written down, as ECS creates it.
func newCloudMap(a account, w *World) *cloudMap {
	m := &cloudMap{account: a, byName: map[mapServiceName]*mapService{}}
	given := slices.Clone(w.Namespaces)
	for _, c := range w.Clusters {
		named := func(n Namespace) bool { return n.Name == c.DefaultNamespace }
		if c.DefaultNamespace != "" && !slices.ContainsFunc(given, named) {
			given = append(given, Namespace{Name: c.DefaultNamespace})
		}
	}
	for _, n := range given {
		n.ID = cmp.Or(n.ID, "ns-"+hash(16, "namespace", n.Name))
		n.Type = cmp.Or(n.Type, "HTTP")
		n.HTTPName = cmp.Or(n.HTTPName, n.Name)
		n.Owner = cmp.Or(n.Owner, m.id)
		made := &namespace{Namespace: n}
		made.arn = "arn:aws:servicediscovery:" + m.region + ":" + n.Owner + ":namespace/" + n.ID
		m.namespaces = append(m.namespaces, made)
	}
	return m
}

// namespace finds a namespace by name, HttpName or ARN, or nil.
func (m *cloudMap) namespace(given string) *namespace {
	return find(m.namespaces, func(n *namespace) bool {
		return given != "" && (n.arn == given || n.Name == given || n.HTTPName == given)
	})
}

// service finds or makes the Cloud Map service of a name in a namespace.
func (m *cloudMap) service(in *namespace, name, kind string, created time.Time) *mapService {
	s := m.byName[mapServiceName{in, name}]
	if s == nil {
		id := "srv-" + hash(16, "mapservice", in.id(), name)
		s = &mapService{
			id: id, arn: m.arn("servicediscovery", "service/"+id), name: name, in: in, kind: kind, created: created,
		}
		m.services = append(m.services, s)
		m.byName[mapServiceName{in, name}] = s
	}
	return s
}

func (n *namespace) id() string {
	if n == nil {
		return ""
	}
	return n.ID
}

// The shapes of Cloud Map.
type (
	mapNamespace struct {
		ID            string                 `json:"Id"`
		ARN           string                 `json:"Arn"`
		Name          string                 `json:"Name"`
		Type          string                 `json:"Type"`
		ServiceCount  int                    `json:"ServiceCount"`
		Properties    mapNamespaceProperties `json:"Properties"`
		CreateDate    epoch                  `json:"CreateDate"`
		ResourceOwner string                 `json:"ResourceOwner"`
	}
	mapNamespaceProperties struct {
		DNS  *mapDNSProperties `json:"DnsProperties,omitempty"`
		HTTP mapHTTPProperties `json:"HttpProperties"`
	}
	mapDNSProperties struct {
		HostedZoneID string `json:"HostedZoneId"`
	}
	mapHTTPProperties struct {
		HTTPName string `json:"HttpName"`
	}
	mapServiceSummary struct {
		ID            string `json:"Id"`
		ARN           string `json:"Arn"`
		Name          string `json:"Name"`
		Type          string `json:"Type"`
		InstanceCount int    `json:"InstanceCount"`
		CreateDate    epoch  `json:"CreateDate"`
	}
	mapFilter struct {
		Name   string   `json:"Name"`
		Values []string `json:"Values"`
	}
	mapPage struct {
		MaxResults *int        `json:"MaxResults"`
		NextToken  string      `json:"NextToken"`
		Filters    []mapFilter `json:"Filters"`
	}
)

type listNamespacesReply struct {
	Namespaces []mapNamespace `json:"Namespaces"`
	NextToken  string         `json:"NextToken,omitempty"`
}

func (m *cloudMap) listNamespaces(in *mapPage) (*listNamespacesReply, error) {
	all := []mapNamespace{}
	for _, n := range m.namespaces {
		d := mapNamespace{
			ID: n.ID, ARN: n.arn, Name: n.Name, Type: n.Type, CreateDate: epoch{created()}, ResourceOwner: n.Owner,
			Properties: mapNamespaceProperties{HTTP: mapHTTPProperties{HTTPName: n.HTTPName}},
		}
		if n.Type != "HTTP" {
			d.Properties.DNS = &mapDNSProperties{HostedZoneID: "Z" + number(13, n.ID)}
		}
		for _, s := range m.services {
			if s.in == n {
				d.ServiceCount++
			}
		}
		if in.admits(map[string]string{"TYPE": n.Type, "NAME": n.Name, "HTTP_NAME": n.HTTPName}) {
			all = append(all, d)
		}
	}
	page, next, err := pageMap(all, in)
	return &listNamespacesReply{Namespaces: page, NextToken: next}, err
}

type listMapServicesReply struct {
	Services  []mapServiceSummary `json:"Services"`
	NextToken string              `json:"NextToken,omitempty"`
}

func (m *cloudMap) listServices(in *mapPage) (*listMapServicesReply, error) {
	all := []mapServiceSummary{}
	for _, s := range m.services {
		if in.admits(map[string]string{"NAMESPACE_ID": s.in.id()}) {
			all = append(all, mapServiceSummary{ID: s.id, ARN: s.arn, Name: s.name, Type: s.kind, CreateDate: epoch{s.created}})
		}
	}
	page, next, err := pageMap(all, in)
	return &listMapServicesReply{Services: page, NextToken: next}, err
}

func (p *mapPage) admits(values map[string]string) bool {
	for _, f := range p.Filters {
		if value, known := values[f.Name]; known && !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}

// pageMap is a page of Cloud Map: sizes from 1 to 100.
func pageMap[T any](all []T, in *mapPage) (items []T, next string, err error) {
	size := 100
	if in.MaxResults != nil {
		size = *in.MaxResults
	}
	ok := size >= 1 && size <= 100
	if ok {
		items, next, ok = paginate(all, in.NextToken, size)
	}
	if !ok {
		return nil, "", refuse("InvalidInput", "MaxResults must be between 1 and 100, and NextToken from the answer before.")
	}
	return items, next, nil
}
