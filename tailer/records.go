package tailer

// Records returns the ends of the records in data, which is all of a file or whole lines of one, cut as the tailer cuts them:
// at line feeds, and over-long lines into pieces of maxRecord bytes. The last record may lack its line end.
func Records(data []byte, maxRecord int) []int {
	ends, _ := frame(data, maxRecord, nil)
	ends, _ = frameRest(data, maxRecord, ends)
	return ends
}
