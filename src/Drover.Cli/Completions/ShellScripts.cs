namespace Drover.Cli.Completions;

/// <summary>
/// What makes a shell ask drover when Tab is pressed. The answer: a line that says what the shell adds (none, files,
/// folders or programs, and "on" when no blank follows a word), then a word a line, a tab, and what it is.
/// </summary>
internal static class ShellScripts
{
    public const string Bash = """
        # Completion of drover for bash. Once: source <(drover completion bash)
        # For ever: drover completion bash > ~/.local/share/bash-completion/completions/drover
        _drover() {
            local line=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]} answer paths on word about
            # Colons and equals signs part words for bash; for drover they do not.
            local -a words=() shown=()
            read -ra words <<<"$line"
            [[ $line == *[[:space:]] || ${#words[@]} -eq 0 ]] && words+=("")
            local typed=${words[-1]}
            [[ $current == [:=] ]] && current=""
            answer=$("${COMP_WORDS[0]}" complete -- "${words[@]}" 2>/dev/null) || return
            { read -r paths on; while IFS=$'\t' read -r word about; do
                [[ $word == "$typed"* ]] || continue
                word=${word:${#typed}-${#current}}
                shown+=("$word${about:+  ($about)}")
                # Names of files may have blanks, semicolons, dollar signs: they are inserted quoted. (Among files bash does it.)
                [[ $paths == none && $word == *[!A-Za-z0-9_./=:,@%+~-]* ]] && printf -v word %q "$word"
                COMPREPLY+=("$word")
            done; } <<<"$answer"
            # What a word is can be shown only where nothing but the common beginning is inserted.
            if [[ ${#COMPREPLY[@]} -gt 1 && ( $COMP_TYPE == 9 || $COMP_TYPE == 63 || $COMP_TYPE == 33 || $COMP_TYPE == 64 ) && $typed != -* ]]; then
                COMPREPLY=("${shown[@]}")
            fi
            [[ $on == on ]] && compopt -o nospace
            local -a kinds=()
            case $paths in files) kinds=(-f) ;; folders) kinds=(-d) ;; programs) kinds=(-c -f) ;; none) return ;; esac
            compopt -o filenames
            local kind
            for kind in "${kinds[@]}"; do mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$kind" -- "$current"); done
        }
        complete -F _drover drover ./drover

        """;

    public const string Zsh = """
        #compdef drover
        # Completion of drover for zsh. Once: source <(drover completion zsh)
        # For ever: drover completion zsh > a folder of $fpath/_drover
        _drover() {
            local -a answer about described
            local word line
            answer=("${(@f)$(${words[1]} complete -- "${(@)words[1,CURRENT]}" 2>/dev/null)}")
            about=(${=answer[1]})
            for line in "${(@)answer[2,-1]}"; do
                [[ -n $line ]] || continue
                word=${line%%$'\t'*}
                described+=("${word//:/\\:}:${line#*$'\t'}")
            done
            if (( ${#described} )); then
                if [[ ${about[2]} == on ]]; then _describe -V drover described -S ''; else _describe -V drover described; fi
            fi
            case ${about[1]} in
                files) _files ;;
                folders) _files -/ ;;
                programs) _command_names -e; _files ;;
            esac
        }
        compdef _drover drover ./drover
        # A file of $fpath is the body of the first call.
        if [[ ${funcstack[1]} == _drover ]]; then _drover "$@"; fi

        """;

    public const string Fish = """
        # Completion of drover for fish. Once: drover completion fish | source
        # For ever: drover completion fish > ~/.config/fish/completions/drover.fish
        function __drover_complete
            set -l words (commandline -opc) (commandline -ct)
            set -l answer ($words[1] complete -- $words 2>/dev/null)
            set -l current (commandline -ct)
            for line in $answer[2..-1]
                echo $line
            end
            switch "$answer[1]"
                case 'files*'
                    __fish_complete_path $current
                case 'folders*'
                    __fish_complete_directories $current
                case 'programs*'
                    __fish_complete_command
                    __fish_complete_path $current
            end
        end
        complete -c drover -f -a '(__drover_complete)'

        """;
}
