# The three files are generated from the option tables and committed, so
# that a build needs nothing; "make completions-update" writes them anew and
# a test compares them.
check_PROGRAMS += completions/generate
completions_generate_SOURCES = completions/generate.c

EXTRA_DIST += completions/ducat.bash completions/_ducat \
	completions/ducat.fish

# --with-bash-completion-dir=no and its like leave one out.
if BASH_COMPLETION
# bash-completion looks for the command's name alone.
install-data-local:
	$(AM_V_at)$(MKDIR_P) "$(DESTDIR)$(bash_completion_dir)"
	$(INSTALL_DATA) "$(srcdir)/completions/ducat.bash" \
	    "$(DESTDIR)$(bash_completion_dir)/ducat"

uninstall-local:
	rm -f "$(DESTDIR)$(bash_completion_dir)/ducat"
endif
if ZSH_COMPLETION
zsh_completiondir = $(zsh_completion_dir)
zsh_completion_DATA = completions/_ducat
endif
if FISH_COMPLETION
fish_completiondir = $(fish_completion_dir)
fish_completion_DATA = completions/ducat.fish
endif

# The name of a shell's file.
completion_file = case $$shell in \
	bash) echo ducat.bash ;; zsh) echo _ducat ;; fish) echo ducat.fish ;; \
	esac

completions-update: completions/generate$(EXEEXT)
	$(AM_V_at)for shell in bash zsh fish; do \
		completions/generate$(EXEEXT) $$shell >completions/new && \
		mv completions/new \
		    "$(srcdir)/completions/$$($(completion_file))" || exit 1; \
	done
