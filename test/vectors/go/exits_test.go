package vectors

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"
)

type rooted struct {
	Count uint64
	Root  string
}

type certificate struct {
	Exit, Authorization string
	Inventory, Items    rooted
	Timeline            []struct{ Step, Act, Party string }
	Origins             []struct {
		Source   string
		Expected int
	}
}

type exitFile struct {
	Format, Jws, Exit, Authorization string
	Attestation                      attestation
}

// A line of a file of items: an item, or in the part of one source what stands for others'.
type item struct {
	Format, Source string
	Held           json.RawMessage
	Sources        []string
	Cut            *struct {
		Level            uint
		Items, Inventory string
	}
}

// What a key of the journal says, by a JWS of that type.
func (trust trustFile) signed(jws, journal, kind string, into any) error {
	parts := strings.Split(jws, ".")
	if len(parts) != 3 {
		return fmt.Errorf("no JWS")
	}
	var header struct{ Typ string }
	decoded := make([][]byte, 3)
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(decoded[0], &header); err != nil || header.Typ != kind {
		return fmt.Errorf("it is of type %q", header.Typ)
	}
	for _, key := range trust.keysOf(journal) {
		bytes := debase(key[strings.LastIndex(key, "+")+1:])
		if len(bytes) == 33 && ed25519.Verify(bytes[1:], []byte(parts[0]+"."+parts[1]), decoded[2]) {
			return json.Unmarshal(decoded[1], into)
		}
	}
	return fmt.Errorf("no trusted key signed it")
}

var tree = &compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}

func rootOf(of *compact.Range) string {
	root, err := of.GetRootHash(nil)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(root)
}

// A whole subtree, of which the root alone is known.
func graft(to *compact.Range, level uint, root string) error {
	subtree, err := tree.NewRange(to.End(), to.End()+1<<level, [][]byte{debase(root)})
	if err != nil {
		return err
	}
	return to.AppendRange(subtree, nil)
}

// All of them, or all of one source.
func verifyItems(items string, exit certificate) error {
	all, frozen := tree.NewEmptyRange(0), tree.NewEmptyRange(0)
	source, shown := "", 0
	for _, line := range strings.Split(strings.TrimSuffix(items, "\n"), "\n") {
		var one item
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			return err
		}
		var err error
		switch {
		case one.Format == "suyuan-exit-part/1":
			source = one.Source
		case one.Cut != nil:
			if err = graft(all, one.Cut.Level, one.Cut.Items); err == nil {
				err = graft(frozen, one.Cut.Level, one.Cut.Inventory)
			}
		case source != "" && !slices.Contains(one.Sources, source):
			err = fmt.Errorf("not an item of the source")
		default:
			shown++
			if err = all.Append(rfc6962.DefaultHasher.HashLeaf([]byte(line)), nil); err == nil {
				err = frozen.Append(rfc6962.DefaultHasher.HashLeaf(one.Held), nil)
			}
		}
		if err != nil {
			return err
		}
	}
	for _, of := range exit.Origins {
		if of.Source == source && of.Expected != shown {
			return fmt.Errorf("it has %d items of %s", of.Expected, source)
		}
	}
	if rootOf(all) != exit.Items.Root || rootOf(frozen) != exit.Inventory.Root {
		return fmt.Errorf("the items are not those of the certificate")
	}
	return nil
}

// What is signed is the question too, and in it the digest of all that the file says beside: canonical JSON, as Go's maps are written.
func verifyStatement(text string, file exitFile, trust trustFile) error {
	said := map[string]any{}
	if err := json.Unmarshal([]byte(text), &said); err != nil {
		return err
	}
	delete(said, "attestation")
	canonical, err := json.Marshal(said)
	if err != nil {
		return err
	}
	about := fmt.Sprintf("%x", sha256.Sum256(canonical))
	question := []string{"outstanding", file.Authorization, about}
	if said["developer"] != nil {
		question = []string{"part", file.Authorization, "scenario", "yz-scenario", about}
	}
	_, err = file.Attestation.answer(trust, question...)
	return err
}

func verifyExit(v evidence, trust trustFile) error {
	var file exitFile
	first, history, _ := strings.Cut(strings.TrimSuffix(v.File, "\n"), "\n")
	if err := json.Unmarshal([]byte(first), &file); err != nil {
		return err
	}
	if file.Format == "suyuan-exit-statement/2" {
		return verifyStatement(v.File, file, trust)
	}
	var said struct {
		Journal     string
		Certificate certificate
	}
	if err := trust.signed(file.Jws, "OperatorMSP/facts", "suyuan-exit-certificate+jwt", &said); err != nil {
		return err
	}
	exit := said.Certificate
	if err := verifyStream(history, trust); err != nil {
		return err
	}
	lines, err := linesIn(history)
	if err != nil || lines[0].Format != "suyuan-history/1" || lines[0].Kind != "exit" || lines[0].ID != exit.Exit {
		return fmt.Errorf("it is not the history of the exit")
	}
	last := uint64(0)
	acts := map[string]struct {
		Type, Party string
		Data        rooted
	}{}
	frozen := ""
	for _, l := range lines[1:] {
		if l.Index < last {
			return fmt.Errorf("out of order")
		}
		last = l.Index
		act := acts[""]
		if err := json.Unmarshal(debase(l.Leaf), &act); err != nil {
			return err
		}
		place := fmt.Sprintf("%s/%d", l.Journal, l.Index)
		acts[place] = act
		if act.Type == "suyuan.exit.inventory-frozen" {
			frozen = place
		}
	}
	for _, step := range exit.Timeline {
		act := acts[step.Act]
		if act.Type != "suyuan.exit."+step.Step || act.Party != step.Party {
			return fmt.Errorf("%s is another act", step.Act)
		}
		if step.Step == "inventory-frozen" && (act.Data != exit.Inventory || step.Act != frozen) {
			return fmt.Errorf("another inventory was frozen last")
		}
	}
	if v.Items != "" {
		return verifyItems(v.Items, exit)
	}
	return nil
}

func TestExits(t *testing.T) {
	judge(t, "exits.json", verifyExit)
}
