package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// asWeir is set in the environment of a process that is to be weir itself: the test binary doubles as the real program, in
// a process of its own that a test can kill.
const asWeir = "WEIR_TEST_RUN_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(asWeir) != "" {
		main()
	}
	testscript.Main(m, map[string]func(){"weir": main})
}

// TestScript runs the scripts in testdata/script: command lines with what they must print. Each describes itself.
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}
