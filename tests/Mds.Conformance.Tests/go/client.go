// Google's Go libraries as a program uses them: everything comes from the environment. Prints what it got, or, with -watch,
// every value that a subscription to a key brings, until the key is gone.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2/google"
)

func main() {
	if len(os.Args) == 3 && os.Args[1] == "-watch" {
		must(metadata.Subscribe(os.Args[2], func(value string, defined bool) error {
			show(map[string]interface{}{"value": value, "defined": defined})
			return nil
		}))
		return
	}

	audience := os.Args[1]
	credentials, err := google.FindDefaultCredentials(context.Background(), "https://www.googleapis.com/auth/cloud-platform")
	must(err)
	token, err := credentials.TokenSource.Token()
	must(err)
	attributes, err := metadata.InstanceAttributes()
	must(err)
	tags, err := metadata.InstanceTags()
	must(err)
	scopes, err := metadata.Scopes("")
	must(err)
	_, err = metadata.InstanceAttributeValue("no-such-attribute")
	if _, undefined := err.(metadata.NotDefinedError); !undefined {
		must(fmt.Errorf("an attribute that is not set gives %v", err))
	}

	show(map[string]interface{}{
		"client":        "cloud.google.com/go/compute/metadata and golang.org/x/oauth2/google",
		"detected":      metadata.OnGCE() && credentials.ProjectID == text(metadata.ProjectID()),
		"project":       text(metadata.ProjectID()),
		"zone":          text(metadata.Get("instance/zone")),
		"attribute":     text(metadata.InstanceAttributeValue(attributes[0])),
		"tags":          tags,
		"scopes":        scopes,
		"email":         text(metadata.Email("")),
		"accessToken":   token.AccessToken,
		"identityToken": text(metadata.Get("instance/service-accounts/default/identity?format=full&audience=" + url.QueryEscape(audience))),
	})
}

func text(value string, err error) string {
	must(err)
	return value
}

func show(report map[string]interface{}) {
	line, err := json.Marshal(report)
	must(err)
	fmt.Println(string(line))
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
