package tailer

// Block is a run of whole records of one file, as they lie in it.
//
// The block and every byte in it belong to the tailer: they are valid until the Handler returns, and not after.
type Block struct {
	ID      FileID
	Path    string
	Offset  int64    // of Data[0] in the file
	Data    []byte   // the records with their line ends, back to back
	Ends    []int    // Ends[i] is the end of record i in Data, its line end included
	Skipped int64    // bytes of the file between Data's end and Next.Offset that give no record
	Next    Position // where reading goes on once every record of the block is acknowledged
}

// Record returns record i with its line end, if it has one: the last record of a file that has ended, a line that
// waited longer than the partial time-out and a piece of an over-long line have none.
func (b *Block) Record(i int) []byte {
	if i == 0 {
		return b.Data[:b.Ends[0]]
	}
	return b.Data[b.Ends[i-1]:b.Ends[i]]
}
