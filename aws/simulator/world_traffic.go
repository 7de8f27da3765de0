package simulator

// Traffic is a steady stream of requests, from which the metrics follow.
type Traffic struct {
	Note string `json:"note,omitempty"`
	// From is a load balancer, or a service: its name, or CLUSTER/NAME.
	From string `json:"from"`
	// Account is set where the calling service is another account's: From is only a name
	// then, and the metrics of its agents go to that account.
	Account string `json:"account,omitempty"`
	// To is a target group of the load balancer, or a discovery name in the
	// namespace of the service; in any namespace, if the service is another account's.
	To                string  `json:"to"`
	RequestsPerSecond float64 `json:"requestsPerSecond"`
	// Millis is how long the application takes, in milliseconds. What the agent
	// adds is not part of it.
	Millis float64 `json:"millis,omitempty"`
}
