// A crowd of light viewers for the bench: each is a WebRTC peer of its own that receives, answers RTCP and counts
// pictures, and decodes nothing. Pion (github.com/pion/webrtc) does the work.
//
//	crowd -url http://127.0.0.1:8080/whep?codec=vp9 -count 15 -tracks 1 -interval 50ms
//
// Each line of output is a JSON object. {"ready":15} says that every viewer has received a picture on every track.
// A line on standard input asks for what came since the last one. It ends with its standard input.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/webrtc/v4"
)

// What one viewer has received on one track. A picture ends with a packet that has the RTP marker (RFC 3550, 5.1).
type track struct {
	pictures  atomic.Int64
	bytes     atomic.Int64
	lastNs    atomic.Int64
	longestNs atomic.Int64
}

type viewer struct {
	tracks  []*track
	firstMs float64
}

// What a line on standard input is answered with, over all viewers and tracks, since the last answer.
type report struct {
	Seconds      float64   `json:"seconds"`
	Pictures     []int64   `json:"pictures"`     // one entry a viewer and track
	LongestGapMs []float64 `json:"longestGapMs"` // likewise
	Bytes        int64     `json:"bytes"`
	FirstMs      []float64 `json:"firstMs"` // offer to first picture, one entry a viewer
}

func main() {
	url := flag.String("url", "", "WHEP endpoint")
	count := flag.Int("count", 1, "viewers")
	tracks := flag.Int("tracks", 1, "video tracks of each")
	interval := flag.Duration("interval", 50*time.Millisecond, "from one viewer to the next")
	flag.Parse()

	viewers := make([]*viewer, *count)
	failures := make(chan error, *count)
	var everyone sync.WaitGroup
	for at := range viewers {
		everyone.Add(1)
		go func() {
			defer everyone.Done()
			joined, err := join(*url, *tracks)
			if err != nil {
				failures <- fmt.Errorf("viewer %d: %w", at, err)
				return
			}
			viewers[at] = joined
		}()
		time.Sleep(*interval)
	}
	everyone.Wait()
	select {
	case err := <-failures:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	default:
	}
	say(map[string]int{"ready": *count})

	since := time.Now()
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		now := time.Now()
		say(collect(viewers, now.Sub(since), now))
		since = now
	}
}

func say(value any) {
	line, _ := json.Marshal(value)
	fmt.Println(string(line))
}

// join connects one viewer and returns when a picture has come on each of its tracks.
func join(url string, tracks int) (*viewer, error) {
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return nil, err
	}
	joined := &viewer{}
	for range tracks {
		joined.tracks = append(joined.tracks, &track{})
		_, err := connection.AddTransceiverFromKind(webrtc.RTPCodecTypeVideo,
			webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly})
		if err != nil {
			return nil, err
		}
	}
	first := make(chan struct{}, tracks)
	var next atomic.Int64
	connection.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		at := int(next.Add(1)) - 1
		if at < tracks {
			joined.tracks[at].receive(remote, first)
		}
	})
	offer, err := connection.CreateOffer(nil)
	if err != nil {
		return nil, err
	}
	gathered := webrtc.GatheringCompletePromise(connection)
	if err := connection.SetLocalDescription(offer); err != nil {
		return nil, err
	}
	<-gathered
	began := time.Now()
	answer, err := post(url, connection.LocalDescription().SDP)
	if err != nil {
		return nil, err
	}
	if err := connection.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: answer}); err != nil {
		return nil, err
	}
	limit := time.After(60 * time.Second)
	for range tracks {
		select {
		case <-first:
		case <-limit:
			return nil, fmt.Errorf("no picture within 60 s, connection %s", connection.ConnectionState())
		}
	}
	joined.firstMs = float64(time.Since(began).Microseconds()) / 1000
	return joined, nil
}

func post(url, sdp string) (string, error) {
	response, err := http.Post(url, "application/sdp", bytes.NewBufferString(sdp))
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("POST: %s %s", response.Status, body)
	}
	return string(body), nil
}

func (t *track) receive(remote *webrtc.TrackRemote, first chan<- struct{}) {
	for {
		packet, _, err := remote.ReadRTP()
		if err != nil {
			return
		}
		t.bytes.Add(int64(len(packet.Payload)))
		if !packet.Marker || len(packet.Payload) == 0 {
			continue
		}
		now := time.Now().UnixNano()
		last := t.lastNs.Swap(now)
		if last == 0 {
			first <- struct{}{}
		} else if now-last > t.longestNs.Load() {
			t.longestNs.Store(now - last)
		}
		t.pictures.Add(1)
	}
}

func collect(viewers []*viewer, passed time.Duration, now time.Time) report {
	sum := report{Seconds: passed.Seconds()}
	for _, each := range viewers {
		sum.FirstMs = append(sum.FirstMs, each.firstMs)
		for _, t := range each.tracks {
			sum.Pictures = append(sum.Pictures, t.pictures.Swap(0))
			sum.Bytes += t.bytes.Swap(0)
			// A stream that has stopped has no later picture to end its gap.
			longest := max(t.longestNs.Swap(0), now.UnixNano()-t.lastNs.Load())
			sum.LongestGapMs = append(sum.LongestGapMs, float64(longest)/1e6)
		}
	}
	return sum
}
