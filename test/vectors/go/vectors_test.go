// Package vectors reads the published test vectors with modules that other people wrote for transparency logs, and with Go's own cryptography.
package vectors

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

func read(t *testing.T, name string, into any) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatal(err)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	decoded, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func TestProofs(t *testing.T) {
	var vectors []struct {
		Name, Kind, Hash, Root string
		From, Size             uint64
		Path                   []string
		Good                   bool
	}
	read(t, "proofs.json", &vectors)
	for _, v := range vectors {
		var path [][]byte
		for _, hash := range v.Path {
			path = append(path, unhex(t, hash))
		}
		hash, root := unhex(t, v.Hash), unhex(t, v.Root)
		var err error
		if v.Kind == "inclusion" {
			err = proof.VerifyInclusion(rfc6962.DefaultHasher, v.From, v.Size, hash, path, root)
		} else {
			err = proof.VerifyConsistency(rfc6962.DefaultHasher, v.From, v.Size, path, hash, root)
		}
		if (err == nil) != v.Good {
			t.Errorf("%s %s: good is %v, and here: %v", v.Kind, v.Name, v.Good, err)
		}
	}
}

func openNote(text string, keys []string) (*note.Note, error) {
	var verifiers []note.Verifier
	for _, key := range keys {
		verifier, err := note.NewVerifier(key)
		if err != nil {
			return nil, err
		}
		verifiers = append(verifiers, verifier)
	}
	return note.Open([]byte(text), note.VerifierList(verifiers...))
}

func TestNotes(t *testing.T) {
	var vectors []struct {
		Name, Note string
		Keys       []string
		Good       bool
	}
	read(t, "notes.json", &vectors)
	for _, v := range vectors {
		if _, err := openNote(v.Note, v.Keys); (err == nil) != v.Good {
			t.Errorf("%s: good is %v, and here: %v", v.Name, v.Good, err)
		}
	}
}

type trustFile struct {
	Networks []struct {
		Organisations []struct {
			MspID        string   `json:"mspId"`
			Certificates []string `json:"certificates"`
		} `json:"organisations"`
	} `json:"networks"`
	Journals []struct {
		Journal string `json:"journal"`
		Keys    []struct {
			Key string `json:"key"`
		} `json:"keys"`
	} `json:"journals"`
	Witnesses []struct {
		Key string `json:"key"`
	} `json:"witnesses"`
}

func (trust trustFile) keysOf(journal string) (keys []string) {
	for _, one := range trust.Journals {
		if one.Journal == journal {
			for _, key := range one.Keys {
				keys = append(keys, key.Key)
			}
		}
	}
	return keys
}

// The signer's key, if one of the trusted authorities issued its certificate.
func (trust trustFile) keyOf(certificate []byte) (*ecdsa.PublicKey, error) {
	block, _ := pem.Decode(certificate)
	if block == nil {
		return nil, fmt.Errorf("no PEM")
	}
	signer, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, err
	}
	for _, network := range trust.Networks {
		for _, organisation := range network.Organisations {
			for _, text := range organisation.Certificates {
				der, _ := pem.Decode([]byte(text))
				authority, err := x509.ParseCertificate(der.Bytes)
				if err != nil {
					return nil, err
				}
				if authority.CheckSignature(signer.SignatureAlgorithm, signer.RawTBSCertificate, signer.Signature) == nil {
					key, ok := signer.PublicKey.(*ecdsa.PublicKey)
					if !ok {
						return nil, fmt.Errorf("not ECDSA")
					}
					return key, nil
				}
			}
		}
	}
	return nil, fmt.Errorf("nobody trusted issued the certificate")
}

func verifyECDSA(key *ecdsa.PublicKey, data, signature []byte) error {
	digest := sha256.Sum256(data)
	if !ecdsa.VerifyASN1(key, digest[:], signature) {
		return fmt.Errorf("the attestation's signature is wrong")
	}
	return nil
}

type receipt struct {
	Leaf        string   `json:"leaf"`
	Journal     string   `json:"journal"`
	Index       uint64   `json:"index"`
	Size        uint64   `json:"size"`
	Inclusion   []string `json:"inclusion"`
	Checkpoint  string   `json:"checkpoint"`
	Attestation struct {
		Kind         string `json:"kind"`
		Statement    string `json:"statement"`
		Signature    string `json:"signature"`
		Certificate  string `json:"certificate"`
		Response     string `json:"response"`
		Endorsements []struct {
			Endorser  string `json:"endorser"`
			Signature string `json:"signature"`
		} `json:"endorsements"`
	} `json:"attestation"`
}

// What can be said of a receipt without our rules for dates, roles and shapes: the leaf is in the tree whose root the journal and the ledger signed.
func verify(file string, trust trustFile) error {
	var r receipt
	if err := json.Unmarshal([]byte(file), &r); err != nil {
		return err
	}
	decode := func(text string) []byte {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return nil
		}
		return decoded
	}
	checkpoint, err := openNote(r.Checkpoint, trust.keysOf(r.Journal))
	if err != nil {
		return err
	}
	lines := strings.Split(checkpoint.Text, "\n")
	if len(lines) < 4 || lines[1] != strconv.FormatUint(r.Size, 10) {
		return fmt.Errorf("the checkpoint is of another size")
	}
	root := decode(lines[2])
	var path [][]byte
	for _, hash := range r.Inclusion {
		path = append(path, decode(hash))
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(decode(r.Leaf))
	if err := proof.VerifyInclusion(rfc6962.DefaultHasher, r.Index, r.Size, leaf, path, root); err != nil {
		return err
	}
	signed := func(certificate, data, signature []byte) error {
		key, err := trust.keyOf(certificate)
		if err != nil {
			return err
		}
		return verifyECDSA(key, data, signature)
	}
	a := r.Attestation
	said := []byte(hex.EncodeToString(root))
	if a.Kind == "node" {
		var statement struct{ Result string }
		if err := json.Unmarshal([]byte(a.Statement), &statement); err != nil {
			return err
		}
		if !bytes.Contains(decode(statement.Result), said) {
			return fmt.Errorf("another root is attested")
		}
		return signed([]byte(a.Certificate), []byte(a.Statement), decode(a.Signature))
	}
	response := decode(a.Response)
	if !bytes.Contains(response, said) {
		return fmt.Errorf("another root is attested")
	}
	signers := map[string]bool{}
	for _, e := range a.Endorsements {
		endorser := decode(e.Endorser)
		start := bytes.Index(endorser, []byte("-----BEGIN"))
		if start < 0 {
			return fmt.Errorf("an endorser without certificate")
		}
		if err := signed(endorser[start:], append(append([]byte{}, response...), endorser...), decode(e.Signature)); err != nil {
			return err
		}
		signers[string(endorser)] = true
	}
	if len(signers) < 3 {
		return fmt.Errorf("too few organisations")
	}
	return nil
}

// What our rules alone refuse: shapes, spellings, dates and roles.
var ours = map[string]bool{
	"receipt-malformed":           true,
	"attestation-in-future":       true,
	"certificate-malformed":       true,
	"network, one twice":          true,
	"signature with the higher s": true,
}

func TestReceipts(t *testing.T) {
	var vectors []struct{ Name, File, Trust, Now, Outcome string }
	read(t, "receipts.json", &vectors)
	for _, v := range vectors {
		var trust trustFile
		read(t, v.Trust, &trust)
		err := verify(v.File, trust)
		if v.Outcome == "verified" && err != nil {
			t.Errorf("%s: it is good, and here: %v", v.Name, err)
		}
		if v.Outcome != "verified" && err == nil && !ours[v.Outcome] && !ours[v.Name] {
			t.Errorf("%s: it is %s, and good here", v.Name, v.Outcome)
		}
	}
}

func TestPromises(t *testing.T) {
	var vectors []struct{ Name, Promise, Outcome string }
	read(t, "promises.json", &vectors)
	var trust trustFile
	read(t, "vector-trust.json", &trust)
	for _, v := range vectors {
		if err := verifyPromise(v.Promise, trust); (err == nil) == strings.HasPrefix(v.Outcome, "promise-") {
			t.Errorf("%s: it is %s, and here: %v", v.Name, v.Outcome, err)
		}
	}
}

// That the journal's key signed the promise, for this leaf at this index.
func verifyPromise(file string, trust trustFile) error {
	var p struct {
		Journal, LeafHash string
		Index             uint64
		Promise           struct{ Jws, Path string }
	}
	if err := json.Unmarshal([]byte(file), &p); err != nil {
		return err
	}
	parts := strings.Split(p.Promise.Jws, ".")
	if len(parts) != 3 {
		return fmt.Errorf("no JWS")
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return err
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	var terms struct {
		Journal, Root string
		From, Size    uint64
	}
	if err := json.Unmarshal(payload, &terms); err != nil {
		return err
	}
	isSigned := false
	for _, key := range trust.keysOf(p.Journal) {
		bytes, err := base64.StdEncoding.DecodeString(key[strings.LastIndex(key, "+")+1:])
		if err == nil && len(bytes) == 33 && ed25519.Verify(bytes[1:], []byte(parts[0]+"."+parts[1]), signature) {
			isSigned = true
		}
	}
	if !isSigned {
		return fmt.Errorf("no trusted key signed it")
	}
	root, err := hex.DecodeString(terms.Root)
	if err != nil {
		return err
	}
	leaf, err := hex.DecodeString(p.LeafHash)
	if err != nil {
		return err
	}
	hashes, err := base64.StdEncoding.DecodeString(p.Promise.Path)
	if err != nil {
		return err
	}
	var path [][]byte
	for at := 0; at+32 <= len(hashes); at += 32 {
		path = append(path, hashes[at:at+32])
	}
	if terms.Journal != p.Journal || p.Index < terms.From {
		return fmt.Errorf("it is for another journal or index")
	}
	return proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index-terms.From, terms.Size, leaf, path, root)
}
