package servercmd

import (
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/tailer"
)

// The demo's two roads: lines in the combined format become JSON, all others stay as they are. Each has its stream, its
// delivery stream and its folder of objects.
const (
	roadJSON = "access"
	roadRaw  = "plain"
)

// demoServer is the configuration file of a backend that listens on the given address.
func demoServer(l layout, listen string) ([]byte, error) {
	type m = map[string]any
	var streams, deliveries []m
	for _, road := range []string{roadJSON, roadRaw} {
		streams = append(streams, m{"name": road, "shards": 2})
		deliveries = append(deliveries, m{
			"name":        road + "-archive",
			"source":      m{"stream": road},
			"destination": m{"bucket": "objects", "prefix": road + "/", "compression": "GZIP"},
			"buffer":      m{"size": "4MiB", "time": "2s"},
		})
	}
	return commented("weir serve -c server.yaml starts the demo's backend by itself.", m{
		"listen":           listen,
		"data_dir":         l.server,
		"streams":          streams,
		"buckets":          m{"objects": m{"directory": l.objects}},
		"delivery_streams": deliveries,
	})
}

// demoAgent is the agent's configuration file for the given files.
func demoAgent(l layout, endpoint string, files []demoFile) ([]byte, error) {
	type m = map[string]any
	paths := map[string][]string{}
	for _, f := range files {
		road := roadOf(f.combined)
		paths[road] = append(paths[road], tailer.Literal(f.path))
	}
	var flows []m
	for _, road := range []string{roadJSON, roadRaw} {
		if len(paths[road]) == 0 {
			continue
		}
		flow := m{
			"name": road,
			"read": m{"paths": paths[road]},
			"send": []m{{"stream": road}},
		}
		if road == roadJSON {
			flow["parse"] = m{"format": "combined", "infer": true}
			flow["encode"] = m{"format": "json"}
		}
		flows = append(flows, flow)
	}
	return commented("weir run -c weir.yaml starts the demo's agent by itself.", m{
		"endpoint":    endpoint,
		"credentials": "local",
		"state_dir":   l.state,
		"socket":      filepath.Join(l.state, "weir.sock"),
		"flows":       flows,
	})
}

func roadOf(combined bool) string {
	if combined {
		return roadJSON
	}
	return roadRaw
}

// commented writes a configuration below one line of comment. A ${ in a path stays as it is.
func commented(comment string, config map[string]any) ([]byte, error) {
	text, err := yaml.Marshal(config)
	if err != nil {
		return nil, err
	}
	return []byte("# " + comment + "\n" + strings.ReplaceAll(string(text), "${", "$${")), nil
}
