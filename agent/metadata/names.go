package metadata

import "strings"

const (
	ec2Prefix = "ec2."
	ecsPrefix = "ecs."
	tagPrefix = "tags." // after ec2Prefix
)

// Names returns the names that Lookup knows, in the order of the documentation. For tags it has ec2.tags.NAME, where NAME stands for any.
func Names() []string {
	return []string{
		"ec2.instance_id", "ec2.instance_type", "ec2.ami_id", "ec2.availability_zone", "ec2.region", "ec2.account_id", "ec2.private_ip", "ec2.public_ip",
		"ec2.hostname", "ec2.tags.NAME",
		"ecs.cluster", "ecs.task_arn", "ecs.family", "ecs.revision", "ecs.availability_zone", "ecs.launch_type", "ecs.container_name", "ecs.container_id",
		"ecs.container_arn", "ecs.image", "ecs.image_id",
	}
}

// Known reports whether Lookup knows the name, any name of a tag included.
func Known(name string) bool {
	for _, known := range Names() {
		if name == known {
			return true
		}
	}
	tag, ok := strings.CutPrefix(name, ec2Prefix+tagPrefix)
	return ok && tag != ""
}

// Ours reports whether the name is meant for this package, known or misspelt.
func Ours(name string) bool {
	return strings.HasPrefix(name, ec2Prefix) || strings.HasPrefix(name, ecsPrefix)
}
