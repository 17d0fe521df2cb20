-- A product's database as docs say it is: interviews in tables of its own, with checks, text[]
-- columns, foreign keys, row-level security and a trigger. In the way of a Supabase project.

CREATE SCHEMA auth;
CREATE FUNCTION auth.uid() RETURNS uuid LANGUAGE sql STABLE AS
  $$ SELECT nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;

CREATE TABLE users (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), email text UNIQUE NOT NULL);
CREATE TABLE employees (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid REFERENCES users (id) ON DELETE CASCADE,
  first_name text NOT NULL,
  last_name text NOT NULL,
  position text,
  skills jsonb NOT NULL DEFAULT '[]'
);
CREATE TABLE job_descriptions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  title text NOT NULL,
  summary text,
  required_skills text[] NOT NULL DEFAULT '{}'
);
CREATE TABLE audit_log (id bigserial PRIMARY KEY, what text);
CREATE TABLE connections (id serial PRIMARY KEY, a_user uuid REFERENCES users (id));

CREATE TABLE interview_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  employee_id uuid NOT NULL REFERENCES employees (id) ON DELETE CASCADE,
  job_description_id uuid NOT NULL REFERENCES job_descriptions (id),
  status text NOT NULL DEFAULT 'scheduled'
    CHECK (status IN ('scheduled', 'in_progress', 'completed', 'cancelled')),
  scheduled_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz,
  duration_minutes integer DEFAULT 45,
  job_requirements text,
  interview_notes text,
  interview_type text NOT NULL DEFAULT 'role_assessment' CHECK (interview_type IN
    ('role_assessment', 'promotion', 'performance_review', 'skill_evaluation')),
  agenda jsonb,
  transcript jsonb,
  ai_analysis jsonb,
  overall_score integer CHECK (overall_score >= 0 AND overall_score <= 100),
  skill_scores jsonb,
  recommendations text[],
  strengths text[],
  areas_for_improvement text[],
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  created_by uuid REFERENCES users (id),
  CONSTRAINT valid_start CHECK (started_at IS NULL OR started_at >= scheduled_at),
  CONSTRAINT valid_completion CHECK (completed_at IS NULL OR completed_at >= started_at)
);
CREATE INDEX idx_interview_sessions_employee ON interview_sessions (employee_id);

CREATE TABLE interview_questions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  interview_session_id uuid NOT NULL REFERENCES interview_sessions (id) ON DELETE CASCADE,
  question_text text NOT NULL,
  question_category text,
  asked_at timestamptz DEFAULT now(),
  ai_response text,
  employee_response text,
  response_score integer CHECK (response_score >= 0 AND response_score <= 100),
  response_analysis jsonb,
  created_at timestamptz DEFAULT now()
);

CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
CREATE TRIGGER update_interview_sessions_updated_at BEFORE UPDATE ON interview_sessions
  FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

ALTER TABLE interview_sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE interview_questions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_interviews ON interview_sessions FOR SELECT USING (
  employee_id IN (SELECT id FROM employees WHERE user_id = auth.uid()) OR created_by = auth.uid()
);
CREATE POLICY made_interviews ON interview_sessions FOR UPDATE USING (created_by = auth.uid());
CREATE POLICY own_questions ON interview_questions FOR SELECT USING (
  interview_session_id IN (SELECT id FROM interview_sessions)
);

INSERT INTO users VALUES ('00000000-0000-4000-8000-000000000001', 'boss@example.com');
INSERT INTO employees VALUES (
  '00000000-0000-4000-8000-000000000002', NULL, 'Maria', 'Lopez', 'Developer',
  '[{"name": "Python", "level": 4}, {"name": "SQL", "level": 3}]'
);
INSERT INTO job_descriptions VALUES (
  '00000000-0000-4000-8000-000000000003', 'Team lead', 'Leads five developers.',
  ARRAY['patience', 'planning']
);
INSERT INTO interview_sessions (id, employee_id, job_description_id, agenda, created_by) VALUES (
  '00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-000000000002',
  '00000000-0000-4000-8000-000000000003',
  '[{"question": "What did you build last?", "category": "experience"}, "Why this role?"]',
  '00000000-0000-4000-8000-000000000001'
);
INSERT INTO interview_questions (interview_session_id, question_text, asked_at) VALUES (
  '00000000-0000-4000-8000-000000000004', 'A note of the recruiter', NULL
);
