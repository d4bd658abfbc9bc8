package complete

import (
	"fmt"
	"strconv"
)

func count(n int) string { return strconv.Itoa(n) }

func documents(n int) string {
	if n == 1 {
		return "1 document"
	}
	return fmt.Sprintf("%d documents", n)
}
