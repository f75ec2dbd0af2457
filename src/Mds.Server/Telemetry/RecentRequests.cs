using System.Text;
using Mds.Server.Commands;
using Mds.Server.Protocol;

namespace Mds.Server.Telemetry;

/// <summary>The latest requests, in a ring of fixed size: keeping one costs no memory once its slot was used.</summary>
/// <param name="time">The clock.</param>
internal sealed class RecentRequests(TimeProvider time) : IRequestObserver
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 256;

    private readonly Lock _gate = new();
    private readonly Slot?[] _ring = new Slot?[Capacity];
    private long _count;

    /// <inheritdoc/>
    public bool AllowsFastLane => true;

    /// <inheritdoc/>
    public void Answered(in AnsweredRequest request)
    {
        var now = time.GetUtcNow();
        var body = ShownBody(request);
        lock (_gate)
        {
            (_ring[_count % Capacity] ??= new Slot()).Take(++_count, now, request, body);
        }
    }

    /// <summary>The latest requests, the newest first.</summary>
    /// <param name="most">How many at most.</param>
    public IReadOnlyList<RecentRequest> Latest(int most)
    {
        lock (_gate)
        {
            var latest = new List<RecentRequest>();
            for (var number = _count; number > 0 && number > _count - Capacity && latest.Count < most; number--)
            {
                if (_ring[(number - 1) % Capacity] is { } slot)
                {
                    latest.Add(slot.Request);
                }
            }

            return latest;
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            Array.Clear(_ring);
        }
    }

    /// <summary>What may be shown of an answer's body: nothing of a token's, of many claims at once, or of a secret claim's.</summary>
    private static ReadOnlySpan<byte> ShownBody(in AnsweredRequest request)
    {
        if (!request.Answer.BodyMayBeShown || request.Request.Method is "HEAD")
        {
            return default;
        }

        var body = request.Answer.Body.Span;
        var target = request.Request.Target;
        return SecretClaims.IsSecret(target.Path.Contains('%') ? target.DecodedPath() : target.Path, body) ? default : body;
    }

    /// <summary>Room for one request.</summary>
    private sealed class Slot
    {
        // A target may be as long as a request line.
        private const int MostCharacters = 1024;
        private const int MostOfBody = 512;

        private readonly Text _method = new();
        private readonly Text _target = new();
        private readonly Text _userAgent = new();
        private readonly Text _location = new();
        private readonly byte[] _body = new byte[MostOfBody];
        private int _bodyLength;
        private RecentRequest _request;

        public RecentRequest Request => _request with
        {
            Method = _method.ToString(),
            RawTarget = _target.ToString(),
            UserAgent = _userAgent.ToString(),
            Answer = _request.Answer with
            {
                Location = _location.ToString() is { Length: > 0 } location ? location : null,
                Body = _bodyLength > 0 ? Beginning(_body.AsSpan(0, _bodyLength)) : null,
            },
        };

        public void Take(long number, DateTimeOffset now, in AnsweredRequest request, ReadOnlySpan<byte> body)
        {
            var answer = request.Answer;
            _bodyLength = Math.Min(body.Length, MostOfBody);
            body[.._bodyLength].CopyTo(_body);
            _location.Set(answer.Location);
            var target = request.Request.Target;
            _method.Set(request.Request.Method);
            _target.Set(target.Path);
            if (!target.Query.IsEmpty)
            {
                _target.Append("?");
                _target.Append(target.Query);
            }

            _userAgent.Set(request.Request.UserAgent);
            _request = new RecentRequest(
                number,
                now,
                "",
                "",
                new RecentAnswer(answer.Status, answer.Body.Length, answer.ContentType, answer.ETag, null, null),
                request.Outcome.Refusal,
                request.Elapsed,
                "");
        }

        // What was cut may end within a character, which is left out.
        private static string Beginning(ReadOnlySpan<byte> utf8)
        {
            Span<char> characters = stackalloc char[MostOfBody];
            return characters[..Encoding.UTF8.GetDecoder().GetChars(utf8, characters, flush: utf8.Length < MostOfBody)].ToString();
        }

        /// <summary>Characters that others replace, in an array that grows to what they need and is used again.</summary>
        private sealed class Text
        {
            private char[] _characters = [];
            private int _length;

            public void Set(ReadOnlySpan<char> text)
            {
                _length = 0;
                Append(text);
            }

            public void Append(ReadOnlySpan<char> text)
            {
                var length = Math.Min(_length + text.Length, MostCharacters);
                if (length > _characters.Length)
                {
                    Array.Resize(ref _characters, Math.Min(Math.Max(length, 2 * _characters.Length), MostCharacters));
                }

                text[..(length - _length)].CopyTo(_characters.AsSpan(_length));
                _length = length;
            }

            public override string ToString() => new(_characters, 0, _length);
        }
    }
}
