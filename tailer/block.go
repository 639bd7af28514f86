package tailer

import (
	"io"

	"github.com/weir-logs/weir/tailer/framing"
)

// Block is a run of whole records of one file.
//
// The block and every byte in it belong to the tailer: they are valid until the Handler returns, and not after.
type Block struct {
	ID      FileID
	Path    string
	Offset  int64          // where the block begins in the file
	Data    []byte         // the records with their line ends, back to back
	Ends    []int          // Ends[i] is the end of record i in Data, its line end included
	Starts  []int64        // offset in the file of the first byte of each record; nil: Data is the file's own bytes from Offset on
	Meta    []framing.Meta // what is known of each record beside its text; nil: nothing of any
	Skipped int64          // bytes of the file between Offset and Next.Offset that give no record
	Next    Position       // where reading goes on once every record of the block is acknowledged

	// Content is the file that the block is from, as its content where it is compressed, while the Handler has the block: to look at what lies
	// elsewhere in it, such as its first line. It is nil for a named pipe, and from Frame.
	Content io.ReaderAt

	// Volatile says that the block is from a named pipe: its bytes cannot be read again, and Next is a count, no position to keep.
	Volatile bool
}

// Record returns record i with its line end, if it has one: the last record of a file that has ended, a line that
// waited longer than the partial time-out and a piece of an over-long line have none.
func (b *Block) Record(i int) []byte { return b.Data[b.begin(i):b.Ends[i]] }

// Start returns the offset in the file of the first byte of record i. With ID it names the record, the same on every retry.
func (b *Block) Start(i int) int64 {
	if b.Starts != nil {
		return b.Starts[i]
	}
	return b.Offset + int64(b.begin(i))
}

// begin is where record i begins in Data.
func (b *Block) begin(i int) int {
	if i == 0 {
		return 0
	}
	return b.Ends[i-1]
}
