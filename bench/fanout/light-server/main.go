// A server that costs next to nothing, so that a benchmark shows the clients: it answers `echo WORDS` itself, without a
// process, at every address of this machine.
//
//	light-server PORT HOST_KEY AUTHORIZED_KEY
package main

import (
	"errors"
	"io"
	"log"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
)

func main() {
	listener, err := net.Listen("tcp", "0.0.0.0:"+os.Args[1])
	check(err)
	config := configFrom(read(os.Args[2]), read(os.Args[3]))
	os.Stdout.WriteString("listening\n")
	for {
		conn, err := listener.Accept()
		check(err)
		go serve(conn, config)
	}
}

// All clients meet the same key exchange, whatever they would prefer.
func configFrom(hostKey, authorizedKey []byte) *ssh.ServerConfig {
	signer, err := ssh.ParsePrivateKey(hostKey)
	check(err)
	authorized, _, _, _, err := ssh.ParseAuthorizedKey(authorizedKey)
	check(err)
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) != string(authorized.Marshal()) {
				return nil, errors.New("another key")
			}
			return nil, nil
		},
	}
	config.KeyExchanges = []string{"curve25519-sha256", "curve25519-sha256@libssh.org"}
	config.AddHostKey(signer)
	return config
}

func serve(conn net.Conn, config *ssh.ServerConfig) {
	defer conn.Close()
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if channel, requests, err := offered.Accept(); err == nil {
			go session(channel, requests)
		}
	}
}

func session(channel ssh.Channel, requests <-chan *ssh.Request) {
	for request := range requests {
		if request.Type != "exec" {
			request.Reply(false, nil)
			continue
		}
		request.Reply(true, nil)
		status := []byte{0, 0, 0, 127}
		line := string(request.Payload)
		// Belt's lines first ask for a mark of their start, and end in a quote.
		if _, rest, found := strings.Cut(line, "echo belt-"); found {
			word, _, _ := strings.Cut(rest, " ")
			io.WriteString(channel, "belt-"+word+" 1\n")
			io.WriteString(channel.Stderr(), "belt-"+word+" 1\n")
			line = strings.TrimSuffix(rest[strings.LastIndex(rest, "exec ")+1:], "'")
		}
		if _, words, found := strings.Cut(line, "echo "); found {
			io.WriteString(channel, words+"\n")
			status[3] = 0
		}
		channel.SendRequest("exit-status", false, status)
		channel.Close()
	}
}

func read(path string) []byte {
	content, err := os.ReadFile(path)
	check(err)
	return content
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
