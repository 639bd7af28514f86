package metadata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// Task is what ECS says about the task and the container that weir is in. A text that is empty is not known.
type Task struct {
	Cluster, TaskARN, Family, Revision, AvailabilityZone, LaunchType string
	ContainerName, ContainerID, ContainerARN, Image, ImageID         string
}

func (t *Task) value(name string) string {
	if t == nil {
		return ""
	}
	switch name {
	case "cluster":
		return t.Cluster
	case "task_arn":
		return t.TaskARN
	case "family":
		return t.Family
	case "revision":
		return t.Revision
	case "availability_zone":
		return t.AvailabilityZone
	case "launch_type":
		return t.LaunchType
	case "container_name":
		return t.ContainerName
	case "container_id":
		return t.ContainerID
	case "container_arn":
		return t.ContainerARN
	case "image":
		return t.Image
	case "image_id":
		return t.ImageID
	}
	return ""
}

const ecsVariable = "ECS_CONTAINER_METADATA_URI_V4"

// ecs asks the task metadata endpoint, as the Amazon ECS Developer Guide describes its version 4.
type ecs struct {
	client *http.Client
	base   string // empty: err says why
	err    error
}

func newECS(c Config) *ecs {
	e := &ecs{client: newClient(c.Transport), base: strings.TrimSuffix(c.Env(ecsVariable), "/")}
	if e.base == "" {
		e.err = fmt.Errorf("%s is not in the environment: this is no container of ECS", ecsVariable)
	} else if u, err := url.Parse(e.base); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		e.err = fmt.Errorf("%s is no address", ecsVariable)
	}
	return e
}

func (e *ecs) read(ctx context.Context, _ *Task) (*Task, error) {
	if e.err != nil {
		return nil, e.err
	}
	var container struct {
		Name         string
		DockerID     string `json:"DockerId"`
		ContainerARN string
		Image        string
		ImageID      string
	}
	var task struct{ Cluster, TaskARN, Family, Revision, AvailabilityZone, LaunchType string }
	if err := errors.Join(e.get(ctx, "", &container), e.get(ctx, "/task", &task)); err != nil {
		return nil, err
	}
	return &Task{
		Cluster: task.Cluster, TaskARN: task.TaskARN, Family: task.Family, Revision: task.Revision, AvailabilityZone: task.AvailabilityZone,
		LaunchType: task.LaunchType, ContainerName: container.Name, ContainerID: container.DockerID, ContainerARN: container.ContainerARN,
		Image: container.Image, ImageID: container.ImageID,
	}, nil
}

func (e *ecs) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.base+path, nil)
	if err != nil {
		return err
	}
	resp, err := e.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s%s: %s", e.base, path, resp.Status)
	}
	text, err := io.ReadAll(resp.Body) // the transport bounds it
	if err != nil {
		return fmt.Errorf("%s%s: %w", e.base, path, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s%s: %w", e.base, path, err)
	}
	return nil
}
