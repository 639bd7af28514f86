// Package agentjson reads the configuration of the original agent (aws-kinesis-agent), agent.json and the files of agent.d, as it is, and
// says it in weir's words.
//
// A file goes through three steps. The scanner reads JSON with comments (// and /* */) into values that know their places.
// Each key is looked up in a table that has its type, its range, its default and, for a key that does nothing in weir, the reason; what
// the original coerces is coerced, what makes it refuse to start is a problem, and what it ignores silently is a warning. What is left is
// written as the tree of a weir.yaml: Translation.Root. `weir run -c agent.json` decodes that tree, and `weir convert` prints it
// with the comments that explain each difference, so both mean the same.
//
// Facts about the original are from its documentation and from observing it; nothing here is taken from its code.
package agentjson
