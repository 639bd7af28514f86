package framing

import "strings"

// Pod is what the path of a container's log says about it.
type Pod struct {
	Namespace, Name, Container string
}

// PodOf reads the two forms of path that the kubelet makes, with any folder before them:
//
//	.../pods/NAMESPACE_POD_UID/CONTAINER/N.log
//	.../containers/POD_NAMESPACE_CONTAINER-ID.log
//
// Rotated files of the first form (N.log.TIME) count, too. The strings are parts of path.
func PodOf(path string) (Pod, bool) {
	dir, base := cutLast(path)
	if rest, id := cutLastByte(strings.TrimSuffix(base, ".log"), '-'); hex(id) && strings.HasSuffix(dir, "/containers") {
		pod, rest, ok := strings.Cut(rest, "_")
		namespace, container, ok2 := strings.Cut(rest, "_")
		return Pod{namespace, pod, container}, ok && ok2 && pod != "" && namespace != "" && container != ""
	}
	dir, container := cutLast(dir)
	dir, name := cutLast(dir)
	if !strings.HasSuffix(dir, "/pods") {
		return Pod{}, false
	}
	namespace, rest, ok := strings.Cut(name, "_")
	pod, uid := cutLastByte(rest, '_')
	return Pod{namespace, pod, container}, ok && namespace != "" && pod != "" && uid != "" && container != ""
}

func cutLast(path string) (dir, base string) { return cutLastByte(path, '/') }

// cutLastByte cuts at the last c. Without one all of s is what comes after it.
func cutLastByte(s string, c byte) (before, after string) {
	i := strings.LastIndexByte(s, c)
	if i < 0 {
		return "", s
	}
	return s[:i], s[i+1:]
}

// hex tells whether s is the id of a container.
func hex(s string) bool {
	for i := range len(s) {
		if c := s[i]; !('0' <= c && c <= '9' || 'a' <= c && c <= 'f') {
			return false
		}
	}
	return len(s) == 64
}
