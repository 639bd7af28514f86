package agent

import (
	"fmt"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
)

// TestOriginalFits: a configuration of the original agent says nothing of memory, and works all the same.
func TestOriginalFits(t *testing.T) {
	const option = `"dataProcessingOptions": [{"optionName": "SINGLELINE", "parseOptions": ["ESCAPE_NEW_LINE"]}, {"optionName": "LOGTOJSON", "logFormat": "SYSLOG"},
		{"optionName": "ADDMETADATA", "metadata": {}}, {"optionName": "ADDEC2METADATA", "logFormat": "SYSLOG"}]`
	for name, more := range map[string]string{"lines": "", "groups": `, "multiLineStartPattern": "x"`, "converters": ", " + option, "groups with converters": `, "multiLineStartPattern": "x", ` + option} {
		for _, count := range []int{1, 2, 3, 4, 7, 50} {
			flows := make([]string, count)
			for i := range flows {
				flows[i] = fmt.Sprintf(`{"filePattern": "/l/%d", "%s": "s%d"%s}`, i, []string{"kinesisStream", "deliveryStream"}[i%2], i, more)
			}
			c, err := config.Decode("agent.json", []byte(`{"kinesis.region": "us-east-1", "flows": [`+strings.Join(flows, ", ")+"]}"), func(string) (string, bool) { return "", false })
			if err != nil {
				t.Fatal(err)
			}
			if err := Fits(c); err != nil {
				t.Errorf("%d flows of %s: %v", count, name, err)
			}
		}
	}
}
