package agentcmd

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/weir-logs/weir/agent/config"
	"github.com/weir-logs/weir/parsers/edit"
)

// TestSampleMetadata: a sample shows what ECS says of the task, as the records of the agent have it.
func TestSampleMetadata(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"Cluster":"main","TaskARN":"arn:aws:ecs:eu-west-1:123456789012:task/main/1","Family":"web","Revision":"3"}`)
	}))
	defer server.Close()
	t.Setenv("ECS_CONTAINER_METADATA_URI_V4", server.URL)
	chosen, err := flows(decode(t), "strict")
	if err != nil {
		t.Fatal(err)
	}
	f := &chosen[0]
	f.Edit = []edit.Spec{edit.Add{{Name: "cluster", Value: edit.Template{Parts: []edit.Part{{Variable: "ecs.cluster"}}}}}}
	var out, said bytes.Buffer
	show, err := records(f, false, &out)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPreview(f, show, hostOf(t.Context(), &said, []config.Flow{*f}))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.copy(strings.NewReader("{}\n"), "-"); err != nil {
		t.Fatal(err)
	}
	if out.String() != `{"cluster":"main"}`+"\n" {
		t.Errorf("%q", out.String())
	}
}
