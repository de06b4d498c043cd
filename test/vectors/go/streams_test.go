package vectors

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

type evidence struct{ Name, File, Items, Trust, Now, Outcome string }

// Every vector of a family: good ones pass, bad ones fail.
func judge(t *testing.T, family string, verify func(evidence, trustFile) error) {
	var vectors []evidence
	read(t, family, &vectors)
	for _, v := range vectors {
		var trust trustFile
		read(t, v.Trust, &trust)
		err := verify(v, trust)
		if v.Outcome == "verified" && err != nil {
			t.Errorf("%s: it is good, and here: %v", v.Name, err)
		}
		if v.Outcome != "verified" && err == nil {
			t.Errorf("%s: it is %s, and good here", v.Name, v.Outcome)
		}
	}
}

func debase(text string) []byte {
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	return decoded
}

func TestCheckpoints(t *testing.T) {
	judge(t, "checkpoints.json", func(v evidence, trust trustFile) error {
		text, signatures, _ := strings.Cut(v.File, "\n\n")
		origin, _, _ := strings.Cut(text, "\n")
		var keys []string
		for _, journal := range trust.Journals {
			for _, key := range journal.Keys {
				if strings.HasPrefix(key.Key, origin+"+") {
					keys = append(keys, key.Key)
				}
			}
		}
		opened, err := openNote(v.File, keys)
		if err != nil {
			return err
		}
		if len(strings.Split(opened.Text, "\n")) < 4 {
			return fmt.Errorf("no checkpoint")
		}
		for _, line := range strings.Split(strings.TrimSuffix(signatures, "\n"), "\n")[1:] {
			if err := cosigned(opened.Text, line, trust); err != nil {
				return err
			}
		}
		return nil
	})
}

// cosignature/v1: the time, and a signature of it and the text.
func cosigned(text, line string, trust trustFile) error {
	fields := strings.Split(line, " ")
	if len(fields) != 3 {
		return fmt.Errorf("no signature line")
	}
	signature := debase(fields[2])
	if len(signature) != 4+8+ed25519.SignatureSize {
		return fmt.Errorf("no cosignature")
	}
	for _, witness := range trust.Witnesses {
		parts := strings.SplitN(witness.Key, "+", 3)
		key := debase(parts[2])
		id, _ := hex.DecodeString(parts[1])
		if parts[0] != fields[1] || !bytes.Equal(id, signature[:4]) || len(key) != 33 || key[0] != 4 {
			continue
		}
		time := binary.BigEndian.Uint64(signature[4:12])
		signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
		if ed25519.Verify(key[1:], []byte(signed), signature[12:]) {
			return nil
		}
	}
	return fmt.Errorf("no witness that is known signed it")
}

type attestation struct{ Statement, Signature, Certificate string }

type head struct {
	Journal, Checkpoint string
	Size                uint64
	Attestation         attestation
}

type line struct {
	head
	Format, Kind, ID, Leaf string
	Index                  uint64
	Inclusion              []string
	Heads                  []head
	Nodes                  []struct{ Kind, ID string }
	Chain                  struct {
		Count uint64
		Hash  string
	}
}

// What the ledger's node answered to a question, if one whom the trust file names signed it.
func (a attestation) answer(trust trustFile, question ...string) ([]byte, error) {
	key, err := trust.keyOf([]byte(a.Certificate))
	if err != nil {
		return nil, err
	}
	if err := verifyECDSA(key, []byte(a.Statement), debase(a.Signature)); err != nil {
		return nil, err
	}
	var said struct {
		Transaction, Result string
		Args                []string
	}
	if err := json.Unmarshal([]byte(a.Statement), &said); err != nil {
		return nil, err
	}
	asked := []string{said.Transaction}
	for _, arg := range said.Args {
		asked = append(asked, string(debase(arg)))
	}
	if strings.Join(asked, " ") != strings.Join(question, " ") {
		return nil, fmt.Errorf("it answers %v, not %v", asked, question)
	}
	return debase(said.Result), nil
}

// The root that the ledger says the journal has, and the journal's checkpoint too where there is one.
func (h head) root(trust trustFile) ([]byte, error) {
	answer, err := h.Attestation.answer(trust, "root", h.Journal, strconv.FormatUint(h.Size, 10))
	if err != nil {
		return nil, err
	}
	var said struct {
		Journal, Root string
		Size          uint64
	}
	if err := json.Unmarshal(answer, &said); err != nil || said.Journal != h.Journal || said.Size != h.Size {
		return nil, fmt.Errorf("another head is attested")
	}
	root, err := hex.DecodeString(said.Root)
	if err != nil {
		return nil, err
	}
	if h.Checkpoint != "" {
		opened, err := openNote(h.Checkpoint, trust.keysOf(h.Journal))
		if err != nil {
			return nil, err
		}
		want := fmt.Sprintf("\n%d\n%s\n", h.Size, base64.StdEncoding.EncodeToString(root))
		if !strings.HasSuffix(opened.Text, want) {
			return nil, fmt.Errorf("the checkpoint is of another head")
		}
	}
	return root, nil
}

func linesIn(file string) (lines []line, err error) {
	for _, text := range strings.Split(strings.TrimSuffix(file, "\n"), "\n") {
		var one line
		if err := json.Unmarshal([]byte(text), &one); err != nil {
			return nil, err
		}
		lines = append(lines, one)
	}
	return lines, nil
}

func included(e line, size uint64, root []byte) ([]byte, error) {
	var path [][]byte
	for _, hash := range e.Inclusion {
		path = append(path, debase(hash))
	}
	hash := rfc6962.DefaultHasher.HashLeaf(debase(e.Leaf))
	return hash, proof.VerifyInclusion(rfc6962.DefaultHasher, e.Index, size, hash, path, root)
}

func extend(chain, hash []byte) []byte {
	next := sha256.Sum256(append(append([]byte{}, chain...), hash...))
	return next[:]
}

func verifyJournal(header line, events []line, trust trustFile) error {
	root, err := header.root(trust)
	if err != nil {
		return err
	}
	if header.Format == "suyuan-head/1" {
		if len(events) > 0 {
			return fmt.Errorf("a head with events")
		}
		if header.Checkpoint == "" {
			return fmt.Errorf("an empty checkpoint is none")
		}
		return nil
	}
	tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for i, e := range events {
		if e.Index != uint64(i) {
			return fmt.Errorf("event %d is missing", i)
		}
		if err := tree.Append(rfc6962.DefaultHasher.HashLeaf(debase(e.Leaf)), nil); err != nil {
			return err
		}
	}
	made, err := tree.GetRootHash(nil)
	if err != nil || tree.End() != header.Size || !bytes.Equal(made, root) {
		return fmt.Errorf("the events do not make the root")
	}
	return nil
}

// The chain of the events, in hex, each of which is included in the header's one head.
func chainOf(events []line, header line, trust trustFile) (string, error) {
	root, err := header.Heads[0].root(trust)
	if err != nil {
		return "", err
	}
	chain := make([]byte, sha256.Size)
	for _, e := range events {
		hash, err := included(e, header.Heads[0].Size, root)
		if err != nil {
			return "", err
		}
		chain = extend(chain, hash)
	}
	return hex.EncodeToString(chain), nil
}

// Of the one journal that the vectors have.
func verifyHistory(header line, events []line, trust trustFile) error {
	answer, err := header.Attestation.answer(trust, "subject", header.Kind, header.ID)
	if err != nil {
		return err
	}
	var chains []struct {
		Journal, Chain string
		Count          int
	}
	if err := json.Unmarshal(answer, &chains); err != nil || len(chains) != 1 || len(header.Heads) != 1 {
		return fmt.Errorf("not of one journal")
	}
	chain, err := chainOf(events, header, trust)
	if err != nil {
		return err
	}
	if len(events) != chains[0].Count || chain != chains[0].Chain {
		return fmt.Errorf("the events do not make the chain")
	}
	return nil
}

func verifyTrace(header line, events []line, trust trustFile) error {
	if len(header.Heads) != 1 {
		return fmt.Errorf("not of one journal")
	}
	chain, err := chainOf(events, header, trust)
	if err != nil {
		return err
	}
	if uint64(len(events)) != header.Chain.Count || chain != header.Chain.Hash {
		return fmt.Errorf("the events do not make the chain")
	}
	return nil
}

// All parts of a stream; after a trace, the histories of what it names, in its order.
func verifyStream(file string, trust trustFile) error {
	lines, err := linesIn(file)
	if err != nil || len(lines) == 0 {
		return fmt.Errorf("no stream: %v", err)
	}
	awaited := lines[0].Nodes
	for at := 0; at < len(lines); {
		header, end := lines[at], at+1
		for end < len(lines) && lines[end].Format == "" {
			end++
		}
		events := lines[at+1 : end]
		switch header.Format {
		case "suyuan-head/1", "suyuan-journal/1":
			err = verifyJournal(header, events, trust)
		case "suyuan-trace/1":
			err = verifyTrace(header, events, trust)
		case "suyuan-history/1":
			if len(awaited) > 0 {
				if awaited[0].Kind != header.Kind || awaited[0].ID != header.ID {
					return fmt.Errorf("another history was to follow")
				}
				awaited = awaited[1:]
			}
			err = verifyHistory(header, events, trust)
		default:
			err = fmt.Errorf("%q is no stream", header.Format)
		}
		if err != nil {
			return err
		}
		at = end
	}
	if len(awaited) > 0 {
		return fmt.Errorf("a history is missing")
	}
	return nil
}

func TestStreams(t *testing.T) {
	judge(t, "streams.json", func(v evidence, trust trustFile) error { return verifyStream(v.File, trust) })
}
