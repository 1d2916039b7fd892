// Package judge has a fleet's own client judge a bundle before it is published: it must
// accept it, and refuse what is bent of it.
package judge
