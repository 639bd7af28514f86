package agentjson

import (
	"slices"

	"gopkg.in/yaml.v3"

	"github.com/weir-logs/weir/agent/config/strict"
)

// agent is a configuration that is being translated.
type agent struct {
	level
	options           Options
	kinesis, firehose server
	flows             []*flow
	said              []string // comments that stand at another flow already
}

// once returns a comment, or nothing if another flow has it already.
func (a *agent) once(comment string) string {
	if slices.Contains(a.said, comment) {
		return ""
	}
	a.said = append(a.said, comment)
	return comment
}

// Translate says a configuration in weir's words: the file, then the files of the folder agent.d, of which only the flows count. It
// always returns a translation; what is wrong is in its Err.
func Translate(file Source, folder []Source, o Options) *Translation {
	r := &reader{sources: append([]Source{file}, folder...), places: make(map[place]*value)}
	a := &agent{options: o}
	if v := r.read(0); v != nil {
		own := Key{Name: "compat", Type: isBoolean}
		a.level = r.level(v, append(agentKeys(), own))
	} else {
		a.level = level{reader: r, object: &value{kind: object, place: place{0, 1, 1}}}
	}
	if o.ByFile && a.has("compat") {
		a.options.Fixed = a.text("compat") == "false"
	}
	a.readFlows()
	root := a.write()
	sortPlaces(r.warnings)
	t := &Translation{Root: root, Fixed: a.options.Fixed, Warnings: r.warnings, problems: r.problems, sources: r.sources, places: r.places}
	for _, f := range a.flows {
		t.flows = append(t.flows, f.object.file)
	}
	return t
}

// readFlows takes the flows of all files.
func (a *agent) readFlows() {
	a.addFlows(a.got["flows"])
	for i := 1; i < len(a.sources); i++ {
		v := a.read(i)
		if v == nil {
			continue
		}
		if v.kind != object {
			a.problem(v, "must be an object with flows, { \"flows\": [ ... ] }, not %s", v.kind)
			continue
		}
		for _, m := range v.members {
			if m.name != "flows" {
				a.warn(m.place, m.name, "ignored: only the flows of files in this folder are read")
			}
		}
		if flows := v.get("flows"); flows == nil {
			a.warn(v.place, "", "the file has no flows")
		} else {
			a.addFlows(flows)
		}
	}
	if len(a.flows) == 0 && len(a.problems) == 0 {
		a.problem(a.object, "flows: at least one flow is needed")
	}
}

func (a *agent) addFlows(flows *value) {
	if flows == nil {
		return
	}
	if flows.kind != list {
		a.problem(flows, "must be a list of flows, [ ... ], not %s", flows.kind)
		return
	}
	for _, v := range flows.items {
		f := &flow{agent: a, level: a.reader.level(v, flowKeys())}
		f.judge()
		if f.id() != "" {
			i := slices.IndexFunc(a.flows, func(other *flow) bool { return other.id() == f.id() })
			if i >= 0 {
				other := a.flows[i].object
				a.problem(v, "sends the same files to the same place as %s (%s, line %d)", other.path, a.sources[other.file].Name, other.line)
			}
		}
		a.flows = append(a.flows, f)
	}
}

// write makes the tree of a weir.yaml.
func (a *agent) write() *yaml.Node {
	root := group(a.object.place)
	a.kinesis = serverOf("kinesis", a.text("kinesis.endpoint"), a.text("kinesis.region"))
	a.firehose = serverOf("firehose", a.text("firehose.endpoint"), "")
	if !a.has("firehose.endpoint") {
		a.firehose.region = fallbackRegion
	}
	a.writeServers(root)
	a.writeCredentials(root)
	root.set("state_dir", raw("${STATE_DIRECTORY:-/var/lib/weir}", a.object.place),
		"Positions are kept here: the folder that systemd names, or /var/lib/weir. Those of the original agent are taken over by weir convert --checkpoints.")
	a.writeMemory(root)
	flows := sequence(a.object.place)
	for _, f := range a.flows {
		flows.Content = append(flows.Content, f.write())
	}
	root.set("flows", flows, "Positions are kept under the names of flows. To change one, write the old one into was: beside it. What is said of one flow is not said again of the next.")
	return root.node
}

// writeMemory asks for more than weir's default where the flows need it: each takes its share, and half of all must hold what the converters
// make of the longest record.
func (a *agent) writeMemory(root keys) {
	const byDefault, common, single, multiline, record = 24 << 20, 4 << 20, 6 << 20, 22 << 20, 1_000_000
	need, largest := int64(common), int64(0)
	for _, f := range a.flows {
		if f.has("multiLineStartPattern") {
			need += multiline
		} else {
			need += single
		}
		largest = max(largest, 2*f.growth()*record)
	}
	if need = max(need, largest+1<<20-1) &^ (1<<20 - 1); need > byDefault {
		root.set("memory", str(strict.FormatSize(need), a.object.place), "What these flows need with records of up to 1MB. More lets more requests be on the way.")
	}
}

// uses reports whether a flow sends to streams, and whether one sends to delivery streams.
func (a *agent) uses() (streams, deliveries bool) {
	for _, f := range a.flows {
		if f.stream != nil {
			streams = true
		}
		if f.delivery != nil {
			deliveries = true
		}
	}
	return streams, deliveries
}

// from is where a key stands, or the file if it does not.
func (a *agent) from(key string) place {
	if v := a.got[key]; v != nil {
		return v.place
	}
	return a.object.place
}

func (a *agent) writeServers(root keys) {
	streams, deliveries := a.uses()
	switch {
	case streams && a.kinesis.region == "":
		root.set("region", raw("${AWS_REGION}", a.from("kinesis.region")),
			"The original agent asks AWS_REGION, the profile, then the instance; weir wants to be told, here or by this variable.")
	case streams && !a.has("kinesis.region"):
		root.set("region", str(a.kinesis.region, a.from("kinesis.endpoint")), "By the name of kinesis.endpoint.")
	case streams:
		root.set("region", str(a.kinesis.region, a.from("kinesis.region")))
	case deliveries:
		root.set("region", str(a.firehose.region, a.from("firehose.endpoint")), a.firehoseRegion())
	}
	endpoints := group(a.object.place)
	if streams && a.kinesis.address != "" {
		endpoints.set("kinesis", str(a.kinesis.address, a.from("kinesis.endpoint")))
	}
	if deliveries && a.firehose.address != "" {
		endpoints.set("firehose", str(a.firehose.address, a.from("firehose.endpoint")))
	}
	if a.has("sts.endpoint") && a.has("assumeRoleARN") {
		endpoints.set("sts", str(serverOf("sts", a.text("sts.endpoint"), " ").address, a.from("sts.endpoint")))
	}
	if !endpoints.empty() {
		root.set("endpoints", endpoints.node)
	}
}

// firehoseRegion says why the delivery streams' region is what it is.
func (a *agent) firehoseRegion() string {
	if a.has("firehose.endpoint") {
		return "By the name of firehose.endpoint."
	}
	return "The original agent's default for delivery streams, whatever the host's region: there is no firehose.endpoint."
}

func (a *agent) writeCredentials(root keys) {
	all := group(a.object.place)
	id, secret := a.got["awsAccessKeyId"], a.got["awsSecretAccessKey"]
	switch {
	case a.has("awsAccessKeyId") && a.has("awsSecretAccessKey"):
		all.at = id.place
		if a.options.HideSecrets {
			all.set("access_key_id", raw("${AWS_ACCESS_KEY_ID}", id.place),
				"The keys of agent.json are not written here. Put them into the service's environment (/etc/default/weir) by these names, or leave the keys out: the SDK's default chain finds these variables too.")
			all.set("secret_access_key", raw("${AWS_SECRET_ACCESS_KEY}", secret.place))
		} else {
			all.set("access_key_id", str(id.text, id.place))
			all.set("secret_access_key", str(secret.text, secret.place))
		}
	case a.has("awsAccessKeyId"):
		a.problem(id, "goes with awsSecretAccessKey; set both, or none")
	case a.has("awsSecretAccessKey"):
		a.problem(secret, "goes with awsAccessKeyId; set both, or none")
	}
	if a.has("assumeRoleARN") {
		all.set("role_arn", str(a.text("assumeRoleARN"), a.from("assumeRoleARN")))
	}
	for _, key := range []string{"assumeRoleExternalId", "sts.endpoint"} {
		switch v := a.got[key]; {
		case !a.has(key):
		case !a.has("assumeRoleARN"):
			a.warn(v.place, v.path, "ignored: it goes with assumeRoleARN")
		case key == "assumeRoleExternalId":
			all.set("external_id", str(v.text, v.place))
		}
	}
	if !all.empty() {
		root.set("credentials", all.node)
	}
}
