package main

import (
	"os"
	"os/exec"
	"testing"
)

// TestScale plays the cases of many files in small: what arrives must be what was written, with fewer descriptors than files.
func TestScale(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds and runs the agent")
	}
	bin := t.TempDir()
	if out, err := exec.Command("go", "build", "-o", bin, "github.com/weir-logs/weir/cmd/weir-agent").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	small := scale{files: 600, limit: 200, hot: 30, rounds: 20, fresh: 300, rotated: 300, dirs: 200, flows: 6, live: 20, backlog: 20e6}
	for _, one := range scaleCases(small) {
		t.Run(one.name, func(t *testing.T) {
			b := bench{bin: bin, dir: t.TempDir()}
			got, c, err := b.runScale(t.Context(), one, small)
			if err != nil {
				t.Fatal(err)
			}
			if got.missing != got.reported || got.twice > 0 || got.foreign > 0 || got.descriptorsFail || c.most > small.limit {
				log, _ := os.ReadFile(c.log.Name())
				t.Errorf("%+v, %d descriptors; the agent's log:\n%s", got, c.most, log)
			}
			t.Logf("%d lines, %d reported as lost, %d descriptors", got.lines, got.lost, c.most)
		})
	}
}
