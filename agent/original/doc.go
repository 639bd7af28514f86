// Package original takes over what the original agent (awslabs/amazon-kinesis-agent) leaves on a host when it is stopped: its checkpoints.
//
// They are a SQLite database with one table:
//
//	FILE_CHECKPOINTS(flow text, path text, fileId text, lastModifiedTime bigint, size bigint, offset bigint, lastUpdated datetime,
//	                 primary key (flow, path))
//
// A row is about the file that was at path when the row was written. fileId says which file that was, by device and inode. The
// original agent itself goes on from the most recently updated row of a flow alone, and takes every file that is older than that
// row's for finished; weir takes all rows, so that the end of a rotated file is not left out.
//
// An offset is a high-water mark: the end of the last batch that was acknowledged, not of the contiguous prefix. What was
// in an earlier batch that was still being tried when the agent stopped lies before it, and nobody can tell from the database.
package original
