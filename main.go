// Command hopscope explores the request paths of Amazon ECS services.
package main

import (
	"os"

	"hopscope/internal/app"
)

func main() { os.Exit(app.Run(app.Settings{})) }
