package agentcmd

import (
	"context"
	"os"
	"time"

	awsconfig "github.com/aws/aws-sdk-go-v2/config"
)

// regionTimeout is how long the instance may take to say which region it is in.
const regionTimeout = 3 * time.Second

// environment gives the values of variables in a configuration: those of the process. AWS_REGION, if it is not among them, is what the
// SDK takes for it: AWS_DEFAULT_REGION, the region of the profile, or that of the EC2 instance. It is only looked for if it is asked for.
func environment(name string) (string, bool) {
	value, ok := os.LookupEnv(name)
	if ok || name != "AWS_REGION" {
		return value, ok
	}
	ctx, cancel := context.WithTimeout(context.Background(), regionTimeout)
	defer cancel()
	loaded, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithEC2IMDSRegion())
	return loaded.Region, err == nil && loaded.Region != ""
}
