package metadata

const (
	ec2Prefix = "ec2."
	ecsPrefix = "ecs."
	tagPrefix = "tags." // after ec2Prefix
)

// Names returns the names that Lookup knows beside those that begin with one of Prefixes, in the order of the documentation.
func Names() []string {
	return []string{
		"ec2.instance_id", "ec2.instance_type", "ec2.ami_id", "ec2.availability_zone", "ec2.region", "ec2.account_id", "ec2.private_ip", "ec2.public_ip", "ec2.hostname",
		"ecs.cluster", "ecs.task_arn", "ecs.family", "ecs.revision", "ecs.availability_zone", "ecs.launch_type", "ecs.container_name", "ecs.container_id",
		"ecs.container_arn", "ecs.image", "ecs.image_id",
	}
}

// Prefixes returns what begins names that end in any text: ec2.tags. and the name of a tag.
func Prefixes() []string { return []string{ec2Prefix + tagPrefix} }
