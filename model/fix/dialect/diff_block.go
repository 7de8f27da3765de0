package dialect

import (
	"bytes"
	"encoding/json"
	"fmt"

	"hopscope/model"
)

// block is the model's part of a serviceConnectConfiguration under the names that
// AWS gives its members, in the order of the API reference.
type block struct {
	Enabled   bool         `json:"enabled"`
	Namespace string       `json:"namespace,omitempty"`
	Services  []blockEntry `json:"services"`
}

type blockEntry struct {
	PortName            string        `json:"portName"`
	DiscoveryName       string        `json:"discoveryName,omitempty"`
	ClientAliases       []blockAlias  `json:"clientAliases,omitempty"`
	IngressPortOverride int           `json:"ingressPortOverride,omitempty"`
	Timeout             *blockTimeout `json:"timeout,omitempty"`
	TLS                 *blockTLS     `json:"tls,omitempty"`
}

type blockAlias struct {
	Port    int    `json:"port"`
	DNSName string `json:"dnsName,omitempty"`
}

type blockTimeout struct {
	IdleTimeoutSeconds       *int `json:"idleTimeoutSeconds,omitempty"`
	PerRequestTimeoutSeconds *int `json:"perRequestTimeoutSeconds,omitempty"`
}

type blockTLS struct {
	Issuer blockIssuer `json:"issuerCertificateAuthority"`
}

type blockIssuer struct {
	AWSPCAAuthorityARN string `json:"awsPcaAuthorityArn"`
}

// blockJSON is a Service Connect block as the API would show it, so far as the model
// knows it.
func blockJSON(sc *model.ServiceConnect) (string, error) {
	out := block{Enabled: sc.Enabled, Namespace: sc.Namespace, Services: []blockEntry{}}
	for i := range sc.Services {
		out.Services = append(out.Services, newBlockEntry(&sc.Services[i]))
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(out); err != nil {
		return "", fmt.Errorf("write the Service Connect block: %w", err)
	}
	return cleanLines(b.String()), nil
}

func newBlockEntry(s *model.ServiceConnectService) blockEntry {
	e := blockEntry{PortName: s.PortName, DiscoveryName: s.DiscoveryName, IngressPortOverride: s.IngressPortOverride}
	for _, a := range s.ClientAliases {
		e.ClientAliases = append(e.ClientAliases, blockAlias{a.Port, a.DNSName})
	}
	if t := s.Timeout; t != nil {
		e.Timeout = &blockTimeout{t.IdleSeconds, t.PerRequestSeconds}
	}
	if s.TLS != nil {
		e.TLS = &blockTLS{blockIssuer{s.TLS.IssuerARN}}
	}
	return e
}
