package schematest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// module is the import path of this module.
const module = "github.com/uptane/keyrite"

// source is what the code says of its types: comments of types and fields, and the
// values of types that are words.
type source struct {
	comments map[string]string // by PACKAGE.Type or PACKAGE.Type.Field
	words    map[string][]any  // constants, by PACKAGE.Type
}

// readSource reads the packages below root, the folder of this module.
func readSource(root string) (*source, error) {
	s := &source{map[string]string{}, map[string][]any{}}
	files := token.NewFileSet()
	return s, filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "testdata" || entry.Name() == "interop" || strings.HasPrefix(entry.Name(), ".") && name != root):
			return fs.SkipDir
		case entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		within, err := filepath.Rel(root, filepath.Dir(name))
		if err == nil {
			s.file(path.Join(module, filepath.ToSlash(within)), file)
		}
		return err
	})
}

func (s *source) file(pkg string, file *ast.File) {
	for _, decl := range file.Decls {
		d, is := decl.(*ast.GenDecl)
		if !is {
			continue
		}
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				s.aType(pkg+"."+spec.Name.Name, d, spec)
			case *ast.ValueSpec:
				s.constant(pkg, d.Tok, spec)
			}
		}
	}
}

func (s *source) aType(name string, d *ast.GenDecl, spec *ast.TypeSpec) {
	s.comment(name, spec.Doc, d.Doc)
	if t, is := spec.Type.(*ast.StructType); is {
		for _, field := range t.Fields.List {
			for _, id := range field.Names {
				s.comment(name+"."+id.Name, field.Doc, field.Comment)
			}
		}
	}
}

// comment keeps the first that there is, as one paragraph.
func (s *source) comment(name string, groups ...*ast.CommentGroup) {
	for _, g := range groups {
		if g != nil {
			s.comments[name] = strings.Join(strings.Fields(g.Text()), " ")
			return
		}
	}
}

func (s *source) constant(pkg string, tok token.Token, spec *ast.ValueSpec) {
	kind, named := spec.Type.(*ast.Ident)
	if tok != token.CONST || !named {
		return
	}
	for _, value := range spec.Values {
		if literal, is := value.(*ast.BasicLit); is && literal.Kind == token.STRING {
			if word, err := strconv.Unquote(literal.Value); err == nil {
				s.words[pkg+"."+kind.Name] = append(s.words[pkg+"."+kind.Name], word)
			}
		}
	}
}

func nameOf(t reflect.Type) string { return t.PkgPath() + "." + t.Name() }

// lookup is the comment of a type, or of one of its fields.
func (s *source) lookup(t reflect.Type, field string) string {
	if field == "" {
		return s.comments[nameOf(t)]
	}
	return s.comments[nameOf(t)+"."+field]
}
