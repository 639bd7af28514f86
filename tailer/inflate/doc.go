// Package inflate reads the content of a compressed file at any offset, as if the file were not compressed.
//
// # One way only
//
// A compressed file can only be read from its front. A Source does that, and keeps the last Config.Window bytes of the
// content and its first KiB: reading on, reading again what was just read, and looking at the head cost nothing more. An
// offset that lies before the window makes it begin again at the front: correct, and as dear as reading all that is
// before it. Advance does a long way in bounded steps.
//
// # Formats
//
// A format is known by the file's first bytes, never by its name. gzip (RFC 1952), zstd (RFC 8878) and bzip2 are read; a
// file may be several of them one after the other (gzip's members, zstd's frames), and its content is theirs joined, as
// the tools of these formats have it. xz, lz4 and zip are known by their first bytes and refused with advice.
//
// # Damage
//
// What can be decoded before the place where a file is damaged is delivered; then comes a CorruptError. Checksums lie at the
// end of a member, frame or block, so the bytes just before a CorruptError may be wrong themselves. A file that ends
// within a member gives an UnfinishedError instead, because a compressor may still be at work on it: when the file has
// grown, the same read is answered. One that ends between two members is complete, and may grow as well.
//
// # Memory
//
// A Source holds its window, 40 KiB of input, and a decoder: about 50 KiB for gzip, 4 MB for bzip2, and for zstd what the
// frame asks for, which Config.MaxMemory bounds. It starts no goroutine.
package inflate
