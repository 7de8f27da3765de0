package awstest

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// motoScript starts moto with the ECS fields that request paths need. It is not part of
// the repository, and lies beside it.
const motoScript = "../../../shared/tools/moto_service_connect.py"

// StartMoto starts moto, an AWS that others wrote, on a loopback port and returns its
// URL. The test is skipped where moto is not there.
func StartMoto(t *testing.T) string {
	t.Helper()
	script, err := filepath.Abs(motoScript)
	if err == nil {
		_, err = os.Stat(script)
	}
	if err != nil {
		t.Skipf("moto is not tried: %v", err)
	}
	if out, err := exec.CommandContext(t.Context(), "python3", "-c", "import moto, flask").CombinedOutput(); err != nil {
		t.Skipf("moto is not tried: %v %s", err, out)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	command := exec.CommandContext(ctx, "python3", script, "-H", "127.0.0.1", "-p", port)
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout = command.Stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	drained := make(chan struct{})
	t.Cleanup(func() {
		cancel()
		<-drained
		_ = command.Wait()
	})
	lines := bufio.NewScanner(output)
	said := ""
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Running on") {
			go func() {
				defer close(drained)
				for lines.Scan() {
					continue // moto stops when its log is not read
				}
			}()
			return "http://127.0.0.1:" + port
		}
		said += lines.Text() + "\n"
	}
	close(drained)
	t.Fatalf("moto did not start:\n%s", said)
	return ""
}

// Must is for calls that may not fail.
func Must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
