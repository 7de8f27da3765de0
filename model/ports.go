package model

// The range of ports that Linux takes the source ports of outgoing connections from
// (net.ipv4.ip_local_port_range), and the ECS agent its listeners in awsvpc mode.
const (
	FirstEphemeralPort = 32768
	LastEphemeralPort  = 60999
)

// Ephemeral reports whether Linux may take a port for an outgoing connection.
func Ephemeral(port int) bool { return FirstEphemeralPort <= port && port <= LastEphemeralPort }
