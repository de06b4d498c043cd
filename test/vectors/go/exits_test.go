package vectors

import (
	"bytes"
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
	"github.com/transparency-dev/merkle/proof"
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
}

type exitFile struct {
	Format, Jws, Exit, Authorization string
	History                          []string
	Attestation                      attestation
	Part                             *struct {
		Source string
		Items  []struct {
			Index           uint64
			Line            string
			Path, Inventory []string
		}
	}
}

type item struct {
	Held    json.RawMessage
	Sources []string
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

func rootOf(leaves [][]byte) string {
	tree := (&compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}).NewEmptyRange(0)
	for _, leaf := range leaves {
		if tree.Append(rfc6962.DefaultHasher.HashLeaf(leaf), nil) != nil {
			return ""
		}
	}
	root, err := tree.GetRootHash(nil)
	if err != nil {
		return ""
	}
	return hex.EncodeToString(root)
}

func in(r rooted, index uint64, leaf []byte, hashes []string) error {
	var path [][]byte
	for _, hash := range hashes {
		path = append(path, debase(hash))
	}
	root, err := hex.DecodeString(r.Root)
	if err != nil {
		return err
	}
	return proof.VerifyInclusion(rfc6962.DefaultHasher, index, r.Count, rfc6962.DefaultHasher.HashLeaf(leaf), path, root)
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
	if err := json.Unmarshal([]byte(v.File), &file); err != nil {
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
	if err := verifyStream(strings.Join(file.History, "\n"), trust); err != nil {
		return err
	}
	lines, err := linesIn(strings.Join(file.History, "\n"))
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
		lines := bytes.Split([]byte(strings.TrimSuffix(v.Items, "\n")), []byte("\n"))
		var held [][]byte
		for _, line := range lines {
			var one item
			if err := json.Unmarshal(line, &one); err != nil {
				return err
			}
			held = append(held, one.Held)
		}
		if rootOf(lines) != exit.Items.Root || rootOf(held) != exit.Inventory.Root {
			return fmt.Errorf("the items are not those of the certificate")
		}
	}
	if file.Part == nil {
		return nil
	}
	before := -1
	for _, shown := range file.Part.Items {
		var one item
		if err := json.Unmarshal([]byte(shown.Line), &one); err != nil {
			return err
		}
		if int(shown.Index) <= before || !slices.Contains(one.Sources, file.Part.Source) {
			return fmt.Errorf("not an item of the source")
		}
		before = int(shown.Index)
		if err := in(exit.Items, shown.Index, []byte(shown.Line), shown.Path); err != nil {
			return err
		}
		if err := in(exit.Inventory, shown.Index, one.Held, shown.Inventory); err != nil {
			return err
		}
	}
	return nil
}

func TestExits(t *testing.T) {
	judge(t, "exits.json", verifyExit)
}
