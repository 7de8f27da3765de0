// Package modeltest builds snapshots for tests, as net/http/httptest does for
// servers: small ones by hand, the article's case, and large seeded ones for
// benchmarks.
package modeltest
